using System.Runtime.CompilerServices;

namespace GpuScheduler.Core.Scoring.Lanes;

/// <summary>One float at a time: the specification.</summary>
internal readonly struct Lanes1(float value) : ILanes<Lanes1>
{
    public float Value { get; } = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator +(Lanes1 left, Lanes1 right) => new(left.Value + right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator -(Lanes1 left, Lanes1 right) => new(left.Value - right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator *(Lanes1 left, Lanes1 right) => new(left.Value * right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 operator /(Lanes1 left, Lanes1 right) => new(left.Value / right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Create(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Load(ReadOnlySpan<int> column, int index) => new(column[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes1 lanes, Span<float> target, int index) => target[index] = lanes.Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Min(Lanes1 left, Lanes1 right) => new(float.MinNative(left.Value, right.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Max(Lanes1 left, Lanes1 right) => new(float.MaxNative(left.Value, right.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 Sqrt(Lanes1 lanes) => new(MathF.Sqrt(lanes.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes1 IfGreater(Lanes1 left, Lanes1 right, Lanes1 yes, Lanes1 no) => left.Value > right.Value ? yes : no;
}
