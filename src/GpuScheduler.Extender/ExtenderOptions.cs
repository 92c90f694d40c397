namespace GpuScheduler.Extender;

/// <summary>What the extender's verbs are set up with.</summary>
public sealed record ExtenderOptions
{
    /// <summary>
    /// The longest request body that is read, in bytes. With <c>nodeCacheCapable: true</c> a body stays below 1 MiB; 5,000 full Node objects
    /// make about 40 MB.
    /// </summary>
    public int MaxBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>
    /// Whether nodes that only this extender rejects (devices that kube-scheduler cannot see) are reported in <c>FailedNodes</c>. Up to 1.36
    /// kube-scheduler's preemption stumbles over such nodes (<see cref="Core.Filtering.RejectionClass.OnlyExtenderSees"/>), so they go to
    /// <c>FailedAndUnresolvableNodes</c> by default.
    /// </summary>
    public bool ReportExtenderOnlyAsResolvable { get; init; }

    /// <summary>Filter returns at most so many feasible nodes, the best ones; 0 returns all of them.</summary>
    public int Shortlist { get; init; }

    /// <summary>The node label whose values take turns on the shortlist among nodes of nearly equal score.</summary>
    public string ShortlistSpreadLabel { get; init; } = "topology.kubernetes.io/zone";

    /// <summary>Pod shapes whose answers are kept; the least recently used make room. 0 keeps none.</summary>
    public int RememberedShapes { get; init; } = 128;

    /// <summary>Pods that bind can still look up after filter or prioritize showed them.</summary>
    public int RememberedPods { get; init; } = 2048;

    /// <summary>Calls whose facts are kept to explain decisions with; 0 keeps none.</summary>
    public int RememberedCalls { get; init; } = 1024;
}
