using System.Numerics;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>Any node, any device: the baseline a packing policy has to beat. Each call to score is a new draw; not repeatable, not kept.</summary>
internal sealed class RandomStrategy(Random random) : PackingStrategy
{
    public const string PolicyName = "Random";

    public override string Name => PolicyName;

    public override bool IsCacheable => false;

    public override float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request) => random.NextSingle();

    public override uint ChooseDevices(NodePage page, int rowInPage, PodShape shape)
    {
        if (!shape.Gpu.IsShare) return base.ChooseDevices(page, rowInPage, shape);
        uint fitting = 0;
        var free = page.DeviceFreeMilli(rowInPage);
        for (var device = 0; device < free.Length; device++)
        {
            if (free[device] >= shape.Gpu.MilliPerGpu) fitting |= 1u << device;
        }

        if (fitting == 0) return 0;
        for (var skip = random.Next(BitOperations.PopCount(fitting)); skip > 0; skip--) fitting &= fitting - 1;
        return fitting & (~fitting + 1);
    }

    public override IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request) =>
        [new ScoreTerm("random", ScoreRow(page, rowInPage, request), "a new draw each time")];
}
