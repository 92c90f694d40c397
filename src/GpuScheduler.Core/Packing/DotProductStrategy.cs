using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// The node whose free vector points least along the pod's: <c>trunc(100 · (1 - ½·(cpuFree·cpuAsked + gpuFree·gpuAsked)))</c>, amounts as
/// fractions of the largest node. After the alignment score of Grandl et al., "Multi-resource packing for cluster schedulers" (Tetris),
/// SIGCOMM 2014, with the sign and scale of the baseline in Weng et al., USENIX ATC 2023 (<c>pkg/simulator/plugin/dot_product_score.go</c>,
/// GPU dimensions merged, normalised by the largest node).
/// </summary>
internal sealed class DotProductStrategy(LargestNode largest) : PackingStrategy
{
    public const string PolicyName = "DotProduct";

    public override string Name => PolicyName;

    public override float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var (cpu, gpu) = Alignment(page, rowInPage, request);
        return (int)(100 * (1 - ((cpu + gpu) / 2)));
    }

    public override IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var (cpu, gpu) = Alignment(page, rowInPage, request);
        var score = ScoreRow(page, rowInPage, request);
        return
        [
            new ScoreTerm("full node", 100, "where nothing is free"),
            new ScoreTerm("cpu alignment", (float)(-50 * cpu), "free CPU times CPU asked, both as fractions of the largest node"),
            new ScoreTerm("gpu alignment", (float)(-50 * gpu), "free GPU times GPU asked, both as fractions of the largest node"),
            new ScoreTerm("whole points", (float)(score - (100 * (1 - ((cpu + gpu) / 2)))), "the fraction is cut off"),
        ];
    }

    private (double Cpu, double Gpu) Alignment(NodePage page, int row, in ScoringRequest request) => (
        page.Free(ResourceTable.Cpu)[row] / largest.CpuMilli * (request.Shape.CpuMilli / largest.CpuMilli),
        page.GpuFreeMilli[row] / largest.GpuMilli * (request.Shape.Gpu.TotalMilli / largest.GpuMilli));
}
