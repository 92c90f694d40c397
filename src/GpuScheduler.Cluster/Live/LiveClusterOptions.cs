using GpuScheduler.Cluster.Leadership;

namespace GpuScheduler.Cluster.Live;

/// <summary>How a live cluster is followed.</summary>
public sealed record LiveClusterOptions
{
    /// <summary>Take part in leader election; null when this is the only replica.</summary>
    public LeaderElectionOptions? LeaderElection { get; init; }

    /// <summary>
    /// A watch without a sign of life for so long makes the service unready. The API server sends bookmarks about once a minute, so anything
    /// below two minutes would raise false alarms.
    /// </summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>
    /// How long one bind may take. With leader election it must not outlast the lease: what a leader began before its deadline is over before
    /// another may begin.
    /// </summary>
    public TimeSpan BindTimeout =>
        LeaderElection is { } election && election.LeaseDuration - election.RenewDeadline < MaxBindTimeout
            ? election.LeaseDuration - election.RenewDeadline : MaxBindTimeout;

    /// <summary>With the wait of a gang's pods, below the <c>httpTimeout</c> that we ship for kube-scheduler, so that it hears an answer rather than a timeout.</summary>
    private static TimeSpan MaxBindTimeout => TimeSpan.FromSeconds(10);
}
