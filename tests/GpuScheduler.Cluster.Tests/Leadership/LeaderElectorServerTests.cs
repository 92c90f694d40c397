using GpuScheduler.Cluster.Leadership;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Leadership;

/// <summary>The elector over the wire.</summary>
public sealed class LeaderElectorServerTests
{
    [Fact]
    public async Task RunAsync_OneAfterTheOther_HandTheLeaseOn()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = server.CreateClient();

        foreach (var (identity, term) in new[] { ("a", 0), ("b", 1) })
        {
            using var stop = new CancellationTokenSource();
            var observer = new StartSignal();
            var elector = new LeaderElector(
                api, new LeaderElectionOptions { Identity = identity }, observer, new FakeTimeProvider(), new Random(1), NullLogger<LeaderElector>.Instance);
            var running = elector.RunAsync(stop.Token);
            Assert.Equal(term, (await observer.Started).Term);
            Assert.Equal(identity, (string?)Lease(server)["spec"]!["holderIdentity"]);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
            Assert.Equal("", (string?)Lease(server)["spec"]!["holderIdentity"]);
            Assert.Equal(1, (int)Lease(server)["spec"]!["leaseDurationSeconds"]!);
        }

        Assert.Equal(["create", "get", "update"], server.Calls.Select(c => c.Verb).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.All(server.Calls, c => Assert.Equal(("coordination.k8s.io", "leases"), (c.Group, c.Resource)));
    }

    private static System.Text.Json.Nodes.JsonObject Lease(FakeApiServer server) => server.Get(ResourceType.Leases, "gpu-scheduler", "gpu-scheduler-extender")!;

    private sealed class StartSignal : ILeadershipObserver
    {
        private readonly TaskCompletionSource<LeaderTerm> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<LeaderTerm> Started => _started.Task.WaitAsync(TimeSpan.FromSeconds(60));

        public void StartedLeading(LeaderTerm term) => _started.TrySetResult(term);

        public Task StoppedLeadingAsync(LeaderTerm term) => Task.CompletedTask;

        public void ObservedLeader(string identity)
        {
        }
    }
}
