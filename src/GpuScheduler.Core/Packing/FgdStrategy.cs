using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Fragmentation gradient descent: the node whose expected fragmentation grows least. <c>trunc(100 · sigmoid((F(n) - F(n with p)) / 1000))</c>,
/// an integer 0..100, where F(n), in thousandths of a GPU, is what pods drawn from the typical shapes could not use of the node: all that is
/// free when the shape does not fit or asks for no GPU, else what is free on devices smaller than it asks. A share goes to the first device
/// with the best score. Weng et al., "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX
/// ATC 2023; integers and device order as in their simulator (<c>pkg/simulator/plugin/fgd_score.go</c>, <c>pkg/utils/frag.go</c>).
/// </summary>
internal sealed class FgdStrategy(TypicalShapes typical) : PackingStrategy
{
    public const string PolicyName = "Fgd";

    public override string Name => PolicyName;

    /// <summary>Expected unusable thousandths of a row's GPUs: F(n).</summary>
    public double Fragmentation(NodePage page, int rowInPage) =>
        typical.Fragmentation(page.DeviceFreeMilli(rowInPage), page.Free(ResourceTable.Cpu)[rowInPage], page.ModelId[rowInPage]);

    public override float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request) => Choose(page, rowInPage, request.Shape).Score;

    public override uint ChooseDevices(NodePage page, int rowInPage, PodShape shape) => Choose(page, rowInPage, shape).Devices;

    public override IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var before = Fragmentation(page, rowInPage);
        var (score, devices) = Choose(page, rowInPage, request.Shape);
        return [new ScoreTerm("fragmentation gradient", score, $"unusable GPU now {before / 1000:0.000}, devices chosen {devices:b}")];
    }

    private (float Score, uint Devices) Choose(NodePage page, int row, PodShape shape)
    {
        var demand = shape.Gpu;
        var free = page.DeviceFreeMilli(row);
        var cpu = page.Free(ResourceTable.Cpu)[row];
        var model = page.ModelId[row];
        var before = typical.Fragmentation(free, cpu, model);
        Span<ushort> after = stackalloc ushort[free.Length];
        free.CopyTo(after);
        if (!demand.IsShare)
        {
            var devices = DeviceChoice.BestFit(page, row, demand);
            if (devices == 0 && !demand.IsNone) return (float.NegativeInfinity, 0);
            for (var device = 0; device < free.Length; device++)
            {
                if ((devices >> device & 1) != 0) after[device] = (ushort)Math.Max(0, free[device] - page.Room(row, device).MilliOf(demand));
            }

            return (Points(before - typical.Fragmentation(after, cpu - shape.CpuMilli, model)), devices);
        }

        float best = -1;
        var chosen = -1;
        for (var device = 0; device < free.Length; device++)
        {
            if (free[device] < demand.MilliPerGpu || free[..device].Contains(free[device])) continue;
            after[device] = (ushort)(free[device] - demand.MilliPerGpu);
            var points = Points(before - typical.Fragmentation(after, cpu - shape.CpuMilli, model));
            after[device] = free[device];
            if (points > best) (best, chosen) = (points, device);
        }

        return chosen < 0 ? (float.NegativeInfinity, 0) : (best, 1u << chosen);
    }

    private static float Points(double gain) => (int)(1.0 / (1.0 + Math.Exp(-gain / 1000)) * 100);
}
