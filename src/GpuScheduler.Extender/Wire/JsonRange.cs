namespace GpuScheduler.Extender.Wire;

/// <summary>Where a JSON value stands in the request body. The default, and a JSON null, is <see cref="IsNull"/>.</summary>
internal readonly record struct JsonRange(int Start, int Length)
{
    public bool IsNull => Length == 0;

    public int End => Start + Length;

    public ReadOnlySpan<byte> Of(ReadOnlySpan<byte> body) => body.Slice(Start, Length);
}
