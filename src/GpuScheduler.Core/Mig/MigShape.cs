namespace GpuScheduler.Core.Mig;

/// <summary>Where instances of a profile may lie. Profiles that differ only in suffix share one.</summary>
/// <param name="ComputeSlices">Compute slices an instance takes.</param>
/// <param name="Size">Memory slices it takes, at least 1.</param>
/// <param name="Starts">Memory slices it may begin at, ascending.</param>
public sealed record MigShape(int ComputeSlices, int Size, IReadOnlyList<int> Starts)
{
    /// <summary>The slices an instance at a start takes.</summary>
    public ushort MaskAt(int start) => (ushort)(((1 << Size) - 1) << start);
}
