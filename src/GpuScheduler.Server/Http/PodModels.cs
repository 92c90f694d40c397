namespace GpuScheduler.Server.Http;

/// <summary>A page of <c>GET /api/v1/pods</c>.</summary>
/// <param name="Generation">Generation of the snapshot it was read from.</param>
/// <param name="Waiting">Pods of the whole cluster that have no node.</param>
/// <param name="Placed">Pods of the whole cluster that have one, those just bound included.</param>
/// <param name="Items">The pods of this page, by namespace and name.</param>
/// <param name="Continue">What to send as <c>continue</c> for the next page; absent on the last.</param>
internal sealed record PodListBody(long Generation, int Waiting, int Placed, IReadOnlyList<PodSummary> Items, string? Continue);

/// <summary>A pod in a list.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="State"><c>waiting</c>, <c>assumed</c> (bound by us, not yet confirmed) or <c>placed</c>.</param>
/// <param name="Node">The node; absent while it waits.</param>
/// <param name="Devices">Indices of the devices it holds there.</param>
/// <param name="DevicesInferred">Nothing says which devices; these are a guess.</param>
/// <param name="Requests">What it asks for, in column units: thousandths of CPU, MiB of memory and storage, otherwise a count.</param>
/// <param name="Priority">Its priority.</param>
/// <param name="Controller">Kind and name of the owner that controls it, e.g. <c>Job/train</c>; absent without one.</param>
/// <param name="SchedulerName">The scheduler it is meant for; absent when the source does not say.</param>
/// <param name="CreatedAt">When it was created; absent when unknown.</param>
/// <param name="Feasible">How many nodes could take it now; only of a waiting pod.</param>
/// <param name="Reasons">Why the others cannot; only of a waiting pod.</param>
internal sealed record PodSummary(
    string Namespace,
    string Name,
    string Uid,
    string State,
    string? Node,
    IReadOnlyList<int> Devices,
    bool DevicesInferred,
    IReadOnlyDictionary<string, long> Requests,
    int Priority,
    string? Controller,
    string? SchedulerName,
    DateTimeOffset? CreatedAt,
    int? Feasible,
    IReadOnlyList<ReasonBody>? Reasons);

/// <summary>One reason for which nodes cannot take a pod; a node with several counts for each.</summary>
/// <param name="Reason">In kube-scheduler's words.</param>
/// <param name="Nodes">How many nodes have it.</param>
/// <param name="Alone">How many of those have no other reason.</param>
/// <param name="Examples">The first of them, those without another reason before the others.</param>
internal sealed record ReasonBody(string Reason, int Nodes, int Alone, IReadOnlyList<string> Examples);

/// <summary><c>GET /api/v1/waiting</c>: the waiting pods, those that ask for the same, and wait for the same gang, together.</summary>
/// <param name="Generation">Generation of the snapshot.</param>
/// <param name="Pods">How many wait.</param>
/// <param name="Groups">The groups, the largest first.</param>
internal sealed record WaitingBody(long Generation, int Pods, IReadOnlyList<WaitingGroup> Groups);

/// <summary>Waiting pods that ask for the same, of one gang or of none.</summary>
/// <param name="Pods">How many.</param>
/// <param name="Examples">The ones that wait longest, as namespace/name.</param>
/// <param name="OldestCreatedAt">When the first of them was created; absent when unknown.</param>
/// <param name="Shape">What they ask for, in one line.</param>
/// <param name="Requests">The same by resource, in column units.</param>
/// <param name="Feasible">How many nodes could take one now.</param>
/// <param name="Summary">The answer in one sentence.</param>
/// <param name="Reasons">Why the other nodes cannot.</param>
internal sealed record WaitingGroup(
    int Pods,
    IReadOnlyList<string> Examples,
    DateTimeOffset? OldestCreatedAt,
    string Shape,
    IReadOnlyDictionary<string, long> Requests,
    int Feasible,
    string Summary,
    IReadOnlyList<ReasonBody> Reasons);
