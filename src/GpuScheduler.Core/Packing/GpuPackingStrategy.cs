using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// GPUs in use before free ones, nodes in use before free ones. Points: on GPUs in use 100 less a tenth of their free per cent; on free GPUs
/// of a node in use 50 less their number, at least 33; on a free node 33 less its number of GPUs; 0 for CPU-only pods. The baseline
/// "GpuPacking" of Weng et al., USENIX ATC 2023 (<c>pkg/simulator/plugin/gpu_packing_score.go</c>), after Xiao et al., "Gandiva", OSDI 2018.
/// </summary>
internal sealed class GpuPackingStrategy : PackingStrategy
{
    public const string PolicyName = "GpuPacking";

    private const int Most = 100;

    public override string Name => PolicyName;

    public override float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request) => Rate(page, rowInPage, request.Shape.Gpu).Points;

    public override IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var (points, reason) = Rate(page, rowInPage, request.Shape.Gpu);
        return [new ScoreTerm("gpu packing", points, reason)];
    }

    private static (int Points, string Reason) Rate(NodePage page, int row, GpuDemand demand)
    {
        if (demand.IsNone) return (0, "asks for no GPU");
        var count = page.GpuCount[row];
        var free = page.GpuWholeFree[row];
        if (free == count) return (Math.Max((Most / 3) - free, free), "all GPUs of the node are free");
        if (demand.IsWhole) return (Math.Max((Most / 2) - demand.Count, Most / 3), "takes free GPUs of a node in use");

        var tightest = GpuDemand.WholeMilli;
        for (var device = 0; device < page.DeviceFreeMilli(row).Length; device++)
        {
            var room = page.Room(row, device);
            if (room.Milli < tightest && room.Fits(demand)) tightest = room.Milli;
        }

        return tightest == GpuDemand.WholeMilli
            ? ((Most / 2) - 1, "takes a free GPU of a node in use")
            : (Math.Max(Most - (tightest / 10 / 10), Most / 2), "shares a GPU in use");
    }
}
