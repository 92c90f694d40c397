using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>Resolves pods for scoring: which columns of a snapshot hold what the pod asks for. Safe for concurrent use; allocates only
/// when the snapshot's resource table has changed.</summary>
/// <param name="catalog">Tells which resources are GPUs.</param>
public sealed class ScoringResolver(GpuResourceCatalog catalog)
{
    private volatile KnownSlots _known = new(null, [], []);

    /// <summary>Resolves a shape against the tables of a snapshot (or of the ledger's working pages).</summary>
    public ScoringRequest Resolve(SnapshotTables tables, PodShape shape)
    {
        var known = _known;
        if (!ReferenceEquals(known.Table, tables.Resources)) _known = known = Learn(tables.Resources);

        var gpus = default(GpuBuffer);
        var count = 0;
        foreach (var (name, amount) in shape.UsesGpu ? shape.Requests : [])
        {
            var kind = catalog.KindOf(name);
            if (count == ScoringRequest.MaxGpuResources || kind is GpuResourceKind.None or GpuResourceKind.SharedCount) continue;
            gpus[count++] = kind is GpuResourceKind.Whole or GpuResourceKind.Milli
                ? new GpuAmount(GpuAmount.Devices, shape.Gpu.TotalMilli, name)
                : new GpuAmount(tables.Resources.SlotOf(name), (int)amount, name);
        }

        return new ScoringRequest(tables, shape, known.OtherGpuSlots, known.WholeGpuSlots, ((ReadOnlySpan<GpuAmount>)gpus)[..count]);
    }

    private KnownSlots Learn(ResourceTable table) => new(
        table,
        SlotsOf(table, GpuResourceKind.Replica, GpuResourceKind.MigSlice, GpuResourceKind.SharedMemory),
        SlotsOf(table, GpuResourceKind.Whole));

    private int[] SlotsOf(ResourceTable table, params GpuResourceKind[] kinds) =>
        [.. Enumerable.Range(0, table.Count).Where(slot => kinds.Contains(catalog.KindOf(table.Names[slot])))];

    private sealed record KnownSlots(ResourceTable? Table, int[] OtherGpuSlots, int[] WholeGpuSlots);

    [System.Runtime.CompilerServices.InlineArray(ScoringRequest.MaxGpuResources)]
    private struct GpuBuffer
    {
        private GpuAmount _first;
    }
}
