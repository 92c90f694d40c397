using GpuScheduler.Cluster.Leadership;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Leadership;

/// <summary>One process that competes for the lease: its clock, its way to the server, its elector and what the elector told it.</summary>
internal sealed class Candidate : ILeadershipObserver
{
    private readonly CancellationTokenSource _stop = new();

    public Candidate(SimulatedLease lease, string identity, int seed, TimeSpan offset = default, double rate = 1)
    {
        Identity = identity;
        Clock = new SkewedTime(lease.Truth, offset, rate);
        Api = new SimulatedLeaseApi(lease);
        Elector = new LeaderElector(
            Api, new LeaderElectionOptions { Identity = identity }, this, Clock, new Random(seed), NullLogger<LeaderElector>.Instance);
    }

    public string Identity { get; }

    public SkewedTime Clock { get; }

    public SimulatedLeaseApi Api { get; }

    public LeaderElector Elector { get; }

    public Task Running { get; private set; } = Task.CompletedTask;

    public List<LeaderTerm> Terms { get; } = [];

    public List<string> Leaders { get; } = [];

    public int Stops { get; private set; }

    /// <summary>What the end of a term waits for.</summary>
    public Task Drain { get; set; } = Task.CompletedTask;

    public bool IsLeading => Elector.IsLeading;

    public bool HasSeenTheLease => Leaders.Count + Terms.Count > 0;

    public void Start() => Running = Elector.RunAsync(_stop.Token);

    public void Stop() => _stop.Cancel();

    void ILeadershipObserver.StartedLeading(LeaderTerm term)
    {
        Assert.Equal(Terms.Count, Stops);
        Terms.Add(term);
    }

    Task ILeadershipObserver.StoppedLeadingAsync(LeaderTerm term)
    {
        Stops++;
        Assert.Same(Terms[^1], term);
        Assert.True(term.Ended.IsCancellationRequested);
        return Drain;
    }

    void ILeadershipObserver.ObservedLeader(string identity) => Leaders.Add(identity);
}
