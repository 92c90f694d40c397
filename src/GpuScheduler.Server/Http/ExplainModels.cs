namespace GpuScheduler.Server.Http;

/// <summary>The answer of <c>POST /api/v1/explain</c>: one explanation per pod or pod template of the manifest.</summary>
/// <param name="Generation">Generation of the snapshot.</param>
/// <param name="Items">In the order of the manifest.</param>
internal sealed record ExplanationListBody(long Generation, IReadOnlyList<ExplanationBody> Items);

/// <summary>Why a pod is where it is, or why it waits and what would help: <c>GET /api/v1/pods/{namespace}/{name}</c>.</summary>
/// <param name="Generation">Generation of the snapshot.</param>
/// <param name="Kind">The manifest's kind: <c>Pod</c>, or the workload whose template was asked about.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="State"><c>waiting</c>, <c>assumed</c>, <c>placed</c>, or <c>hypothetical</c> for a manifest.</param>
/// <param name="Summary">The answer in one sentence.</param>
/// <param name="Node">The node it is on; absent when it is on none.</param>
/// <param name="Devices">Indices of the devices it holds there.</param>
/// <param name="DevicesInferred">Nothing says which devices; these are a guess.</param>
/// <param name="Shape">What it asks for, in one line.</param>
/// <param name="Requests">The same by resource, in column units.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Copies">How many like it are wanted: replicas of a workload, otherwise 1.</param>
/// <param name="CopiesThatFit">How many of them fit at the same time.</param>
/// <param name="Asked">Nodes that were asked; 0 for a placed pod.</param>
/// <param name="Feasible">Nodes that could take it.</param>
/// <param name="Reasons">Why the others cannot; the most frequent reason first.</param>
/// <param name="Best">The best nodes for it, with what their scores are made of.</param>
/// <param name="WouldFit">Changes after which it would fit; empty when it fits.</param>
/// <param name="Notes">What else bears on it and is not ours to check.</param>
/// <param name="Decision">The last decision about it that is still remembered; absent without one.</param>
internal sealed record ExplanationBody(
    long Generation,
    string Kind,
    string Namespace,
    string Name,
    string State,
    string Summary,
    string? Node,
    IReadOnlyList<int> Devices,
    bool DevicesInferred,
    string Shape,
    IReadOnlyDictionary<string, long> Requests,
    int Priority,
    int Copies,
    int CopiesThatFit,
    int Asked,
    int Feasible,
    IReadOnlyList<ReasonBody> Reasons,
    IReadOnlyList<ScoredNodeBody> Best,
    IReadOnlyList<RemedyBody> WouldFit,
    IReadOnlyList<string> Notes,
    DecisionBody? Decision);

/// <summary>A node that can take the pod.</summary>
/// <param name="Name">The node.</param>
/// <param name="Score">0..10, relative to the others.</param>
/// <param name="Points">The strategy's own number; only its order means anything.</param>
/// <param name="Terms">What the points are made of.</param>
/// <param name="Devices">Devices the pod would get now.</param>
internal sealed record ScoredNodeBody(string Name, int Score, float Points, IReadOnlyList<TermBody> Terms, IReadOnlyList<int> Devices);

/// <summary>One part of a node's points.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Points">What it added.</param>
/// <param name="Detail">How the points came about.</param>
internal sealed record TermBody(string Name, float Points, string Detail);

/// <summary>A change after which the pod would fit. Which of the optional fields are there goes with the kind.</summary>
/// <param name="Kind"><c>endPods</c>, <c>askForLess</c>, <c>acceptModel</c>, <c>tolerateTaints</c>, <c>nodesRecover</c>, <c>addNode</c> or <c>fitTheNodes</c>.</param>
/// <param name="Sentence">The change in words.</param>
/// <param name="NodeCount">How many nodes would then take it.</param>
/// <param name="Nodes">The first of them.</param>
/// <param name="Options">Of <c>endPods</c>: the pods to end per node, each of which is enough.</param>
/// <param name="Resource">Of <c>askForLess</c> and <c>fitTheNodes</c>: the resource.</param>
/// <param name="From">Of <c>askForLess</c> and <c>fitTheNodes</c>: what it asks for, in column units.</param>
/// <param name="To">Of <c>askForLess</c> and <c>fitTheNodes</c>: the most that fits, in column units.</param>
/// <param name="Taints">Of <c>tolerateTaints</c> and <c>nodesRecover</c>, as <c>key=value:effect</c>.</param>
/// <param name="Model">Of <c>acceptModel</c> and <c>addNode</c>: the GPU model.</param>
internal sealed record RemedyBody(
    string Kind,
    string Sentence,
    int NodeCount,
    IReadOnlyList<string> Nodes,
    IReadOnlyList<LeavingBody>? Options = null,
    string? Resource = null,
    long? From = null,
    long? To = null,
    IReadOnlyList<string>? Taints = null,
    string? Model = null);

/// <summary>Pods that would have to end on one node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Pods">The pods.</param>
internal sealed record LeavingBody(string Node, IReadOnlyList<LeavingPod> Pods);

/// <summary>A pod that would have to end.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Terminating">It is ending already.</param>
internal sealed record LeavingPod(string Namespace, string Name, int Priority, bool Terminating);

/// <summary>What was decided about a pod, merged from kube-scheduler's calls for it.</summary>
/// <param name="Number">Counts the calls since the service started; the greater one is the newer.</param>
/// <param name="At">When the last of its calls ended.</param>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Name">The pod's name.</param>
/// <param name="Uid">The pod's UID.</param>
/// <param name="Shape">What it asks for, in one line; absent of a bind alone.</param>
/// <param name="Node">The node it was bound to; absent when it was not.</param>
/// <param name="Devices">The devices it was given there.</param>
/// <param name="Strategy">Who scored; absent when nobody did.</param>
/// <param name="Reasons">Why nodes were rejected; absent when the snapshot of that time is no longer kept.</param>
/// <param name="Best">The best nodes of that time with their score terms; absent when the snapshot of that time is no longer kept.</param>
/// <param name="Calls">The calls, the oldest first.</param>
internal sealed record DecisionBody(
    long Number,
    DateTimeOffset At,
    string Namespace,
    string Name,
    string Uid,
    string? Shape,
    string? Node,
    IReadOnlyList<int> Devices,
    string? Strategy,
    IReadOnlyList<ReasonBody>? Reasons,
    IReadOnlyList<ScoredNodeBody>? Best,
    IReadOnlyList<CallBody> Calls);

/// <summary>One call of kube-scheduler.</summary>
/// <param name="Verb"><c>filter</c>, <c>prioritize</c>, <c>preempt</c> or <c>bind</c>.</param>
/// <param name="At">When it ended.</param>
/// <param name="Microseconds">How long it took.</param>
/// <param name="Stages">How long its parts took, in microseconds.</param>
/// <param name="Generation">Generation of the snapshot it was answered from; absent of bind.</param>
/// <param name="NodesIn">Nodes it named.</param>
/// <param name="NodesOut">Nodes it was answered with.</param>
/// <param name="Error">What went wrong; absent when nothing did.</param>
internal sealed record CallBody(
    string Verb,
    DateTimeOffset At,
    double Microseconds,
    IReadOnlyDictionary<string, double> Stages,
    long? Generation,
    int NodesIn,
    int NodesOut,
    string? Error);

/// <summary><c>GET /api/v1/decisions</c>.</summary>
/// <param name="Recorded">Calls recorded since the service started.</param>
/// <param name="Items">The decisions that are still remembered, the newest first.</param>
internal sealed record DecisionListBody(long Recorded, IReadOnlyList<DecisionBody> Items);
