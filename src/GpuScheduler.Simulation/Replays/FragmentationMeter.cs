using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// Expected thousandths of GPUs that typical pods could not use, over all nodes (<see cref="TypicalShapes"/>), kept up to date row by row.
/// The same measure for every policy: the typical shapes are those of the whole workload, whatever the policy knows.
/// </summary>
internal sealed class FragmentationMeter
{
    private readonly TypicalShapes _typical;
    private readonly double[] _rows;

    public FragmentationMeter(WorkloadMix workload, ClusterSnapshot cluster)
    {
        _typical = TypicalShapes.Of(workload, cluster.Tables.Models);
        _rows = new double[cluster.Pages.Length * NodePage.RowCount];
        for (var row = 0; row < _rows.Length; row++) Update(cluster, row);
    }

    /// <summary>The sum over nodes, in thousandths of a GPU.</summary>
    public double Milli { get; private set; }

    /// <summary>A row changed.</summary>
    public void Update(ClusterSnapshot cluster, int row)
    {
        var page = cluster.PageOf(row);
        var at = row & NodePage.RowMask;
        var now = _typical.Fragmentation(page.DeviceFreeMilli(at), page.Free(ResourceTable.Cpu)[at], page.ModelId[at]);
        Milli += now - _rows[row];
        _rows[row] = now;
    }
}
