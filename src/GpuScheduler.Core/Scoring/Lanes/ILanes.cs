namespace GpuScheduler.Core.Scoring.Lanes;

/// <summary>
/// So many floats side by side. A kernel is written once over this and compiled for every width. Every operation is one IEEE single
/// operation per lane, and nothing here fuses two of them, so that every width gives bit for bit what <see cref="Lanes1"/> gives.
/// Loads and stores are not checked against the span's end (that cost a tenth of a kernel's time): kernels are given whole columns of a
/// page, and <see cref="PageDriver"/> stays within it.
/// </summary>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>How many floats.</summary>
    static abstract int Count { get; }

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    /// <summary>The same number in every lane.</summary>
    static abstract TSelf Create(float value);

    /// <summary>Column values from <paramref name="index"/> on, each rounded to the nearest float.</summary>
    static abstract TSelf Load(ReadOnlySpan<int> column, int index);

    /// <summary>Stores the lanes from <paramref name="index"/> on.</summary>
    static abstract void Store(TSelf lanes, Span<float> target, int index);

    /// <summary>The lesser per lane; of no meaning for NaN.</summary>
    static abstract TSelf Min(TSelf left, TSelf right);

    /// <summary>The greater per lane; of no meaning for NaN.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The square root per lane.</summary>
    static abstract TSelf Sqrt(TSelf lanes);

    /// <summary>Per lane <c>left > right ? yes : no</c>.</summary>
    static abstract TSelf IfGreater(TSelf left, TSelf right, TSelf yes, TSelf no);
}
