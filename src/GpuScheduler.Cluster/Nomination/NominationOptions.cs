namespace GpuScheduler.Cluster.Nomination;

/// <summary>Which pods are nominated ahead, and how eagerly.</summary>
public sealed record NominationOptions
{
    /// <summary>Pods of these schedulers (<c>spec.schedulerName</c>): those that call this extender.</summary>
    public IReadOnlyList<string> SchedulerNames { get; init; } = ["gpu-scheduler"];

    /// <summary>Least number of waiting pods for which there is a place; fewer are scheduled before a nomination would help.</summary>
    public int MinWaiting { get; init; } = 4;

    /// <summary>
    /// A pod that has waited so long although there is a place for it is nominated even alone. It was refused on an older state, and nothing that
    /// kube-scheduler watches tells it to try again (it does so by itself only after 5 minutes): the nomination changes the pod, and that does.
    /// </summary>
    public TimeSpan LoneAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Sustained nominations per second; so many may be written at once after a quiet second.</summary>
    public int WritesPerSecond { get; init; } = 1000;
}
