namespace GpuScheduler.Core.Gangs;

/// <summary>The object behind a gang, where an API has one: it says what the pods do not.</summary>
/// <param name="Kind">One of the constants here.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name, which the pods give.</param>
/// <param name="MinMember">With how many pods at least the gang starts; 0 when it does not say.</param>
/// <param name="Topology">How close it wants to be.</param>
public sealed record PodGroup(string Kind, string Namespace, string Name, int MinMember, TopologyWish Topology)
{
    /// <summary><c>podgroups.scheduling.x-k8s.io</c>, of the coscheduling plugin.</summary>
    public const string Coscheduling = "PodGroup";

    /// <summary><c>podgroups.scheduling.volcano.sh</c>.</summary>
    public const string Volcano = "volcano-PodGroup";

    /// <summary><c>podgroups.scheduling.k8s.io</c>, of Kubernetes itself.</summary>
    public const string Native = "native-PodGroup";

    /// <summary>The gang it is of.</summary>
    public GangKey Key => new(Kind, Namespace, Name);
}
