using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// The fullest node first: <c>trunc(100 · (1 - ½·(cpuFree - cpuAsked)/cpuMax - ½·(gpuFree - gpuAsked)/gpuMax))</c>, an integer 0..100 from
/// amounts in thousandths, where the maxima are those of the largest node. As the baseline of Weng et al., "Beware of Fragmentation",
/// USENIX ATC 2023 (their simulator, <c>pkg/simulator/plugin/best_fit_score.go</c>); the min-max scaling it applies afterwards keeps the
/// order and the ties.
/// </summary>
internal sealed class BestFitStrategy(LargestNode largest) : PackingStrategy
{
    public const string PolicyName = "BestFit";

    public override string Name => PolicyName;

    public override float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var (cpu, gpu) = Leftover(page, rowInPage, request);
        return (int)((1.0 - (cpu + gpu)) * 100);
    }

    public override IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var (cpu, gpu) = Leftover(page, rowInPage, request);
        var score = ScoreRow(page, rowInPage, request);
        return
        [
            new ScoreTerm("full node", 100, "where nothing is left over"),
            new ScoreTerm("cpu left over", (float)(-100 * cpu), $"{cpu * 200:0.0} % of the largest node's CPU, weighs half"),
            new ScoreTerm("gpu left over", (float)(-100 * gpu), $"{gpu * 200:0.0} % of the largest node's GPUs, weighs half"),
            new ScoreTerm("whole points", (float)(score - (100 * (1 - cpu - gpu))), "the fraction is cut off"),
        ];
    }

    private (double Cpu, double Gpu) Leftover(NodePage page, int row, in ScoringRequest request) => (
        (page.Free(ResourceTable.Cpu)[row] - request.Shape.CpuMilli) / largest.CpuMilli * 0.5,
        (page.GpuFreeMilli[row] - request.Shape.Gpu.TotalMilli) / largest.GpuMilli * 0.5);
}
