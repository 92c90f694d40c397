using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuScheduler.Core.Scoring.Lanes;

/// <summary>Sixteen floats in a <see cref="Vector512{T}"/>.</summary>
internal readonly struct Lanes16(Vector512<float> value) : ILanes<Lanes16>
{
    private readonly Vector512<float> _value = value;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator +(Lanes16 left, Lanes16 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator -(Lanes16 left, Lanes16 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator *(Lanes16 left, Lanes16 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 operator /(Lanes16 left, Lanes16 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Load(ReadOnlySpan<int> column, int index) =>
        new(Vector512.ConvertToSingle(Vector512.LoadUnsafe(in MemoryMarshal.GetReference(column), (nuint)index)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes16 lanes, Span<float> target, int index) =>
        lanes._value.StoreUnsafe(ref MemoryMarshal.GetReference(target), (nuint)index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Min(Lanes16 left, Lanes16 right) => new(Vector512.MinNative(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Max(Lanes16 left, Lanes16 right) => new(Vector512.MaxNative(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 Sqrt(Lanes16 lanes) => new(Vector512.Sqrt(lanes._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes16 IfGreater(Lanes16 left, Lanes16 right, Lanes16 yes, Lanes16 no) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(left._value, right._value), yes._value, no._value));
}
