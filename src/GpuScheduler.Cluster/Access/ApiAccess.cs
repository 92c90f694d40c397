using GpuScheduler.Cluster.Health;
using GpuScheduler.Cluster.Leadership;

namespace GpuScheduler.Cluster.Access;

/// <summary>
/// Everything this service asks of an API server. The manifests in <c>deploy/</c> grant exactly this (a test compares them), so a new call needs a
/// new line here. What every authenticated user may read anyway (<c>/version</c>, <c>/apis</c>) is not listed.
/// </summary>
public static class ApiAccess
{
    /// <summary>The permissions, for the default lease.</summary>
    public static IReadOnlyList<ApiPermission> Required { get; } =
    [
        // reflectors, and the comparer's own lists
        new("", "nodes", "list"),
        new("", "nodes", "watch"),
        new("", "pods", "list"),
        new("", "pods", "watch"),

        // bind, and a look at what became of it when no answer came
        new("", "pods/binding", "create"),
        new("", "pods", "get"),

        // nominating ahead, and waking pods of gangs
        new("", "pods/status", "patch"),

        // the PodGroups of gangs, where their APIs are installed
        new("scheduling.x-k8s.io", "podgroups", "list"),
        new("scheduling.x-k8s.io", "podgroups", "watch"),
        new("scheduling.volcano.sh", "podgroups", "list"),
        new("scheduling.volcano.sh", "podgroups", "watch"),
        new("scheduling.k8s.io", "podgroups", "list"),
        new("scheduling.k8s.io", "podgroups", "watch"),

        // events on pods, in whichever group the server has
        new("events.k8s.io", "events", "create"),
        new("events.k8s.io", "events", "patch"),
        new("", "events", "create"),
        new("", "events", "patch"),

        // leader election
        new("coordination.k8s.io", "leases", "create", IsInOwnNamespace: true),
        new("coordination.k8s.io", "leases", "get", IsInOwnNamespace: true, LeaderElectionOptions.DefaultLeaseName),
        new("coordination.k8s.io", "leases", "update", IsInOwnNamespace: true, LeaderElectionOptions.DefaultLeaseName),
    ];

    /// <summary>What is asked for besides, in the namespace <see cref="GpushareHealthFollower.Namespace"/>, when gpushare's ConfigMaps are followed.</summary>
    public static IReadOnlyList<ApiPermission> GpushareHealth { get; } =
    [
        new("", "configmaps", "list"),
        new("", "configmaps", "watch"),
    ];

    /// <summary>What is asked for besides when bearer tokens are checked by the API server; its own role <c>system:auth-delegator</c> grants the same.</summary>
    public static IReadOnlyList<ApiPermission> TokenReview { get; } =
    [
        new("authentication.k8s.io", "tokenreviews", "create"),
        new("authorization.k8s.io", "subjectaccessreviews", "create"),
    ];
}
