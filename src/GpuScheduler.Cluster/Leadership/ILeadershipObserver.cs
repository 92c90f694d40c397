namespace GpuScheduler.Cluster.Leadership;

/// <summary>Is told when leading begins and ends. Called from the elector's loop, in order.</summary>
public interface ILeadershipObserver
{
    /// <summary>We lead. Must return at once: renewing waits for it. Long work belongs in a task that ends with <see cref="LeaderTerm.Ended"/>.</summary>
    void StartedLeading(LeaderTerm term);

    /// <summary>
    /// The term is over; completes when nothing that was begun in it is still under way. On shutdown the lease is released only then, and not at
    /// all when it takes so long that the lease runs out by itself.
    /// </summary>
    Task StoppedLeadingAsync(LeaderTerm term);

    /// <summary>Somebody else holds the lease (or, with an empty identity, nobody).</summary>
    void ObservedLeader(string identity);
}
