using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// One number per set of prices (<see cref="ShadowPrices"/>), computed on together. Eight sets do for CPU and memory; a cluster where other
/// resources can strand GPUs takes sixteen. The kernel is written once over this.
/// </summary>
internal interface IPriceLanes<TSelf>
    where TSelf : struct, IPriceLanes<TSelf>
{
    /// <summary>How many.</summary>
    static abstract int Count { get; }

    /// <summary>Negative infinity in every lane: impossible.</summary>
    static abstract TSelf Never { get; }

    /// <summary>Reads entry <paramref name="index"/> of a table whose entries are <see cref="Count"/> long.</summary>
    static abstract TSelf At(ref float table, int index);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, float right);

    /// <summary>The least of them.</summary>
    float Least();

    /// <summary>The first lane that holds the least of them.</summary>
    int LeastLane();
}

/// <summary>Eight lanes.</summary>
internal readonly struct EightPrices(Vector256<float> lanes) : IPriceLanes<EightPrices>
{
    private readonly Vector256<float> _lanes = lanes;

    public static int Count => Vector256<float>.Count;

    public static EightPrices Never => new(Vector256.Create(float.NegativeInfinity));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightPrices At(ref float table, int index) => new(Vector256.LoadUnsafe(ref table, (nuint)(index * Count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightPrices operator +(EightPrices left, EightPrices right) => new(left._lanes + right._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightPrices operator -(EightPrices left, EightPrices right) => new(left._lanes - right._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightPrices operator *(EightPrices left, float right) => new(left._lanes * right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Least()
    {
        var four = Vector128.MinNative(_lanes.GetLower(), _lanes.GetUpper());
        var two = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MinNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    public int LeastLane()
    {
        var lane = 0;
        for (var i = 1; i < Count; i++)
        {
            if (_lanes[i] < _lanes[lane]) lane = i;
        }

        return lane;
    }
}

/// <summary>Sixteen lanes.</summary>
internal readonly struct SixteenPrices(EightPrices low, EightPrices high) : IPriceLanes<SixteenPrices>
{
    private readonly EightPrices _low = low;
    private readonly EightPrices _high = high;

    public static int Count => 2 * EightPrices.Count;

    public static SixteenPrices Never => new(EightPrices.Never, EightPrices.Never);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenPrices At(ref float table, int index) =>
        new(EightPrices.At(ref table, 2 * index), EightPrices.At(ref table, (2 * index) + 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenPrices operator +(SixteenPrices left, SixteenPrices right) => new(left._low + right._low, left._high + right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenPrices operator -(SixteenPrices left, SixteenPrices right) => new(left._low - right._low, left._high - right._high);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SixteenPrices operator *(SixteenPrices left, float right) => new(left._low * right, left._high * right);

    public float Least() => Math.Min(_low.Least(), _high.Least());

    public int LeastLane() => _low.Least() <= _high.Least() ? _low.LeastLane() : EightPrices.Count + _high.LeastLane();
}
