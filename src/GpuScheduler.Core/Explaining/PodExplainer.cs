using System.Text;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Explaining;

/// <summary>Explains pods that are not placed: existing ones and made-up ones alike. Pure and safe for concurrent use.</summary>
/// <param name="options">Options of the ledger that the snapshots come from.</param>
/// <param name="resolver">Resolves shapes for scoring.</param>
/// <param name="strategyFor">The strategy that prioritize scores pods of a shape with.</param>
/// <param name="gangs">The plans of gangs that filter answers by.</param>
public sealed class PodExplainer(LedgerOptions options, ScoringResolver resolver, Func<PodShape, IScoringStrategy> strategyFor, GangPlans gangs)
{
    /// <summary>Copies that are tried out at most.</summary>
    public const int MaxCopies = 1_000;

    private const int BestNodes = 5;

    private readonly ClusterQuestion _question = new(resolver);

    /// <summary>Explains one pod.</summary>
    /// <param name="snapshot">The cluster.</param>
    /// <param name="pod">The pod; where it may be now does not matter.</param>
    /// <param name="copies">How many pods like it are wanted, at most <see cref="MaxCopies"/>.</param>
    public PodExplanation Explain(ClusterSnapshot snapshot, Pod pod, int copies = 1)
    {
        var answer = Ask(snapshot, pod.Shape);
        if (PlanOf(snapshot, pod) is { } plan)
        {
            answer = answer.Within(plan, pod);
            return new PodExplanation(answer, answer.Feasible > 0 ? [] : new GangRemedySearch(options).Find(snapshot, plan), answer.Feasible);
        }

        IReadOnlyList<Remedy> remedies = answer.Feasible > 0 ? [] : new RemedySearch(options).Find(snapshot, pod);
        return new PodExplanation(answer, remedies, CopiesThatFit(snapshot, pod.Shape, Math.Min(copies, MaxCopies), answer));
    }

    /// <summary>The plan of the gang in which a pod waits; null when it waits for nobody.</summary>
    public GangPlan? PlanOf(ClusterSnapshot snapshot, Pod pod) =>
        snapshot.Gangs.Count > 0 && snapshot.Gangs.FindByUid(Encoding.UTF8.GetBytes(pod.Uid)) is { } gang && !gang.Placed.Any(place => place.Uid == pod.Uid)
            ? gangs.Of(snapshot, gang.Key)
            : null;

    /// <summary>What all nodes answer to a shape, without looking for remedies.</summary>
    public ShapeAnswer Ask(ClusterSnapshot snapshot, PodShape shape, int best = BestNodes) =>
        _question.Ask(snapshot, shape, ClusterQuestion.Everybody(snapshot), strategyFor(shape), options.ChooseDevices, best);

    private int CopiesThatFit(ClusterSnapshot snapshot, PodShape shape, int copies, ShapeAnswer answer)
    {
        if (copies <= 1 || answer.Feasible == 0) return Math.Min(copies, answer.Feasible);
        var plan = new PlannedCluster(snapshot, options.ForTrial(), resolver, strategyFor);
        var placed = 0;
        while (placed < copies && plan.PlaceBest(shape) is not null) placed++;
        return placed;
    }
}
