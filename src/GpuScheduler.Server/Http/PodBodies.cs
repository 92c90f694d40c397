using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Http;

/// <summary>Which pods a list shows; what is null shows all.</summary>
/// <param name="Namespace">Only of this namespace.</param>
/// <param name="State">Only in this state: <c>waiting</c>, <c>placed</c> (assumed ones included) or <c>assumed</c>.</param>
/// <param name="Node">Only on this node.</param>
internal sealed record PodSelection(string? Namespace = null, string? State = null, string? Node = null)
{
    /// <summary>The states there are.</summary>
    public static IReadOnlyList<string> States { get; } = ["waiting", "placed", "assumed"];

    /// <summary>Whether a pod is shown.</summary>
    public bool Shows(FoundPod found) =>
        (Namespace is null || found.Pod.Namespace == Namespace)
        && (Node is null || found.Node == Node)
        && (State is null || found.State == State || (State == "placed" && found.State == "assumed"));
}

/// <summary>A pod, and where it is.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Node">The node; null while it waits.</param>
/// <param name="Placed">What it holds there; null while it waits.</param>
internal sealed record FoundPod(Pod Pod, string? Node, PlacedPod? Placed)
{
    /// <summary><c>waiting</c>, <c>assumed</c> or <c>placed</c>.</summary>
    public string State => Placed switch { null => "waiting", { IsAssumed: true } => "assumed", _ => "placed" };
}

/// <summary>Makes the answers about pods, placed and waiting, out of a state.</summary>
/// <param name="explainer">Says why pods wait.</param>
internal sealed class PodBodies(PodExplainer explainer)
{
    private const int Examples = 5;

    /// <summary>All pods of a state.</summary>
    public static IEnumerable<FoundPod> All(ClusterState state)
    {
        foreach (var pod in state.Waiting) yield return new FoundPod(pod, null, null);
        for (var i = 0; i < state.Snapshot.NodeCount; i++)
        {
            var row = state.Snapshot.Names.Rows[i];
            var pods = state.Snapshot.PageOf(row.Row).Pods(row.Row & NodePage.RowMask).ToArray();
            foreach (var placed in pods) yield return new FoundPod(placed.Pod, row.Name, placed);
        }
    }

    /// <summary>The pod of that name; null when there is none.</summary>
    public static FoundPod? Find(ClusterState state, string podNamespace, string name) =>
        All(state).FirstOrDefault(found => found.Pod.Name == name && found.Pod.Namespace == podNamespace);

    /// <summary>A page of pods.</summary>
    /// <param name="state">The state to read.</param>
    /// <param name="selection">The pods to show.</param>
    /// <param name="after">namespace/name of the last pod of the page before; empty for the first page.</param>
    /// <param name="limit">Most pods in the page.</param>
    public PodListBody List(ClusterState state, PodSelection selection, string after, int limit)
    {
        var placed = 0;
        var shown = new List<FoundPod>();
        var (afterNamespace, afterName) = Split(after);
        foreach (var found in All(state))
        {
            if (found.Placed is not null) placed++;
            if (selection.Shows(found) && (after.Length == 0 || IsAfter(found.Pod, afterNamespace, afterName))) shown.Add(found);
        }

        List<FoundPod> page =
        [
            .. shown.OrderBy(found => found.Pod.Namespace, StringComparer.Ordinal).ThenBy(found => found.Pod.Name, StringComparer.Ordinal).Take(limit),
        ];
        var answers = new Dictionary<PodShape, ShapeAnswer>();
        return new PodListBody(
            state.Snapshot.Generation, state.Waiting.Count, placed, [.. page.Select(found => Summary(state.Snapshot, found, answers))],
            page.Count < shown.Count && page.Count > 0 ? page[^1].Pod.FullName : null);
    }

    /// <summary>The waiting pods, those that ask for the same, and wait for the same gang, together.</summary>
    public WaitingBody Waiting(ClusterState state)
    {
        var answers = new Dictionary<PodShape, ShapeAnswer>();
        return new WaitingBody(
            state.Snapshot.Generation,
            state.Waiting.Count,
            [
                .. state.Waiting.GroupBy(pod => (pod.Shape, Plan: explainer.PlanOf(state.Snapshot, pod))).OrderByDescending(group => group.Count()).Select(group =>
                {
                    var (shape, plan) = group.Key;
                    List<Pod> oldest = [.. group.OrderBy(pod => pod.CreatedAt).ThenBy(pod => pod.FullName, StringComparer.Ordinal).Take(Examples)];
                    // A gang that runs may have places for some of its pods: those that have none need the explanation.
                    var answer = AnswerTo(state.Snapshot, group.FirstOrDefault(pod => plan?.PlaceOf(pod.Uid) < 0) ?? oldest[0], plan, answers);
                    return new WaitingGroup(
                        group.Count(), [.. oldest.Select(pod => pod.FullName)], TimeOf(oldest[0]), shape.ToString(), RequestsOf(shape),
                        answer.Feasible, answer.Sentence(), ReasonsOf(answer));
                }),
            ]);
    }

    /// <summary>What a shape asks for, by resource.</summary>
    public static SortedDictionary<string, long> RequestsOf(PodShape shape)
    {
        var requests = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, amount) in shape.Requests) requests.Add(name, amount);
        return requests;
    }

    /// <summary>The reasons of an answer.</summary>
    public static IReadOnlyList<ReasonBody> ReasonsOf(ShapeAnswer answer) =>
        [.. answer.Reasons.Select(reason => new ReasonBody(reason.Reason, reason.Nodes, reason.Alone, reason.Examples))];

    private PodSummary Summary(ClusterSnapshot snapshot, FoundPod found, Dictionary<PodShape, ShapeAnswer> answers)
    {
        var (pod, node, placed) = found;
        var answer = placed is null ? AnswerTo(snapshot, pod, explainer.PlanOf(snapshot, pod), answers) : null;
        return new PodSummary(
            pod.Namespace, pod.Name, pod.Uid, found.State, node, [.. placed?.Devices ?? []], placed?.DevicesInferred ?? false, RequestsOf(pod.Shape),
            pod.Priority,
            pod.ControllerName.Length > 0 ? $"{pod.ControllerKind}/{pod.ControllerName}" : null,
            pod.SchedulerName.Length > 0 ? pod.SchedulerName : null,
            TimeOf(pod),
            answer?.Feasible,
            answer is null ? null : ReasonsOf(answer));
    }

    private ShapeAnswer AnswerTo(ClusterSnapshot snapshot, Pod pod, GangPlan? plan, Dictionary<PodShape, ShapeAnswer> answers)
    {
        if (!answers.TryGetValue(pod.Shape, out var answer)) answers.Add(pod.Shape, answer = explainer.Ask(snapshot, pod.Shape, best: 0));
        return plan is null ? answer : answer.Within(plan, pod);
    }

    private static DateTimeOffset? TimeOf(Pod pod) => pod.CreatedAt == default ? null : pod.CreatedAt;

    private static (string Namespace, string Name) Split(string fullName)
    {
        var slash = fullName.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? ("", fullName) : (fullName[..slash], fullName[(slash + 1)..]);
    }

    private static bool IsAfter(Pod pod, string afterNamespace, string afterName) =>
        string.CompareOrdinal(pod.Namespace, afterNamespace) is var order && (order > 0 || (order == 0 && string.CompareOrdinal(pod.Name, afterName) > 0));
}
