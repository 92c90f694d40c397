using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Http;

/// <summary>Makes the explanations of single pods.</summary>
/// <param name="explainer">Asks the snapshot.</param>
internal sealed class ExplainBodies(PodExplainer explainer)
{
    /// <summary>Explains a pod that exists.</summary>
    /// <param name="state">The state to read.</param>
    /// <param name="found">The pod.</param>
    /// <param name="decision">The last decision about it, if one is remembered.</param>
    public ExplanationBody Of(ClusterState state, FoundPod found, DecisionBody? decision)
    {
        if (found.Placed is not { } placed) return Of(state.Snapshot, "Pod", found.Pod, 1, "waiting", decision);
        var pod = found.Pod;
        return new ExplanationBody(
            state.Snapshot.Generation, "Pod", pod.Namespace, pod.Name, found.State, WhereText(found, placed, decision), found.Node, [.. placed.Devices],
            placed.DevicesInferred, pod.Shape.ToString(), PodBodies.RequestsOf(pod.Shape), pod.Priority, 1, 1, 0, 0, [], [], [], NotesOf(pod), decision);
    }

    /// <summary>Explains what a manifest asks for, as if it came now.</summary>
    public ExplanationBody Of(ClusterState state, Manifest manifest) =>
        Of(state.Snapshot, manifest.Kind, manifest.Pod, manifest.Copies, "hypothetical", null);

    /// <summary>The scored nodes of an answer.</summary>
    public static IReadOnlyList<ScoredNodeBody> BestOf(ShapeAnswer answer) =>
    [
        .. answer.Best.Select(node => new ScoredNodeBody(
            node.Name, node.Score, Finite(node.Points), [.. node.Terms.Select(term => new TermBody(term.Name, Finite(term.Points), term.Detail))], node.Devices)),
    ];

    private ExplanationBody Of(ClusterSnapshot snapshot, string kind, Pod pod, int copies, string state, DecisionBody? decision)
    {
        var explanation = explainer.Explain(snapshot, pod, copies);
        var answer = explanation.Answer;
        var summary = answer.Sentence();
        if (copies > 1) summary = $"{explanation.CopiesThatFit} of {copies} copies fit at the same time; one {summary}";
        return new ExplanationBody(
            snapshot.Generation, kind, pod.Namespace, pod.Name, state, summary, null, [], false, pod.Shape.ToString(), PodBodies.RequestsOf(pod.Shape),
            pod.Priority, copies, explanation.CopiesThatFit, answer.Asked, answer.Feasible, PodBodies.ReasonsOf(answer), BestOf(answer),
            [.. explanation.Remedies.Select(BodyOf)], NotesOf(pod), decision);
    }

    private static RemedyBody BodyOf(Remedy remedy)
    {
        var (sentence, count, nodes) = (remedy.Sentence(), remedy.NodeCount, remedy.Nodes);
        return remedy switch
        {
            EndPods end => new RemedyBody("endPods", sentence, count, nodes, Options: [.. end.Options.Select(BodyOf)]),
            AskForLess less => new RemedyBody("askForLess", sentence, count, nodes, Resource: less.Resource, From: less.From, To: less.To),
            AcceptModel other => new RemedyBody("acceptModel", sentence, count, nodes, Model: other.Model),
            TolerateTaints tolerate => new RemedyBody("tolerateTaints", sentence, count, nodes, Taints: [.. tolerate.Taints.Select(NodeBodies.TextOf)]),
            NodesRecover recover => new RemedyBody("nodesRecover", sentence, count, nodes, Taints: [.. recover.Taints.Select(NodeBodies.TextOf)]),
            AddNode add => new RemedyBody("addNode", sentence, count, nodes, Model: add.Model.Length > 0 ? add.Model : null),
            EndPodsForGang end => new RemedyBody("endPodsForGang", sentence, count, nodes, Options: [.. end.Leaving.Select(BodyOf)]),
            AddNodesForGang add => new RemedyBody("addNodesForGang", sentence, count, nodes, Model: add.Model.Length > 0 ? add.Model : null),
            FitTheNodes large => new RemedyBody("fitTheNodes", sentence, count, nodes, Resource: large.Resource, From: large.From, To: large.To),
            _ => throw new InvalidOperationException($"a {remedy.GetType().Name} has no body"),
        };
    }

    private static LeavingBody BodyOf(Leaving leaving) =>
        new(leaving.Node, [.. leaving.Pods.Select(pod => new LeavingPod(pod.Namespace, pod.Name, pod.Priority, pod.IsTerminating))]);

    private static string WhereText(FoundPod found, PlacedPod placed, DecisionBody? decision)
    {
        var devices = placed.Devices.ToList();
        var gpus = devices.Count switch
        {
            0 => "",
            1 => $", GPU {devices[0]}",
            _ => $", GPUs {string.Join(", ", devices)}",
        };
        if (placed.DevicesInferred) gpus += " (nothing says which; this is a guess)";
        var how = placed.IsAssumed ? "; the API server has not confirmed it yet" : "";
        var why = decision?.Best is { Count: > 0 } best
            ? found.Node == best[0].Name ? "; it was the best node then" : $"; the best of our nodes then was {best[0].Name}, kube-scheduler decides among them"
            : decision is null ? "; no decision about it is remembered" : "";
        return $"is on {found.Node}{gpus}{how}{why}";
    }

    private static List<string> NotesOf(Pod pod)
    {
        var notes = new List<string>();
        if (pod.HasOtherConstraints)
        {
            notes.Add("it has a node selector, affinity, spread constraints, volumes, host ports, claims or gates, which kube-scheduler checks and this does not");
        }

        if (pod.IsTerminating) notes.Add("it is being deleted");
        if (pod.SchedulingGroup.Length > 0) notes.Add($"it is scheduled together with its group {pod.SchedulingGroup}");
        if (pod.NominatedNodeName is { } nominated) notes.Add($"kube-scheduler has nominated {nominated} for it");
        return notes;
    }

    /// <summary>JSON has no infinities.</summary>
    private static float Finite(float value) => float.IsFinite(value) ? value : 0;
}
