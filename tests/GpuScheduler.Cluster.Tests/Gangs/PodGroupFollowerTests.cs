using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Gangs;

public sealed class PodGroupFollowerTests
{
    [Theory]
    [InlineData("scheduling.x-k8s.io", "v1alpha1", """ "minMember":4 """, PodGroup.Coscheduling, null, 0)]
    [InlineData("scheduling.volcano.sh", "v1beta1", """ "minMember":4,"networkTopology":{"mode":"hard","highestTierAllowed":2} """, PodGroup.Volcano, null, 2)]
    [InlineData(
        "scheduling.k8s.io", "v1alpha2", """ "schedulingPolicy":{"gang":{"minCount":4}},"schedulingConstraints":{"topology":[{"key":"rack"}]} """, PodGroup.Native, "rack", 0)]
    public async Task RunAsync_PodGroupOfAServedApi_GivesItsGangASize(string group, string version, string spec, string kind, string? required, int tier)
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = server.CreateClient();
        var time = new FakeTimeProvider();
        await using var pump = new ClusterPump(new ClusterLedger(), new SnapshotStore(), time, NullLogger<ClusterPump>.Instance);
        var resource = new ResourceType(group, version, "podgroups", "PodGroup", IsNamespaced: true);
        var follower = new PodGroupFollower(api, pump, time, NullLoggerFactory.Instance);
        var info = new ServerInfo("v1.36.2", 1, 36, new HashSet<string> { "v1", $"{group}/{version}" });
        using var stop = new CancellationTokenSource();
        var key = new GangKey(kind, "ml", "train");
        await follower.BeginAsync(info, default);
        await pump.PostAsync(ClusterChange.PodUpserted(Member(kind)));

        Assert.True(await pump.AskAsync(ledger => ledger.FindGang(key)!.IsUnknown, default));

        server.Put(resource, $$$$"""{"metadata":{"namespace":"ml","name":"train"},"spec":{ {{{{spec}}}} }}""");
        var running = follower.RunAsync(info, stop.Token);
        await server.WaitForWatchesAsync(resource);
        Gang gang;
        while ((gang = await pump.AskAsync(ledger => ledger.FindGang(key)!, default)).IsUnknown) await Task.Yield();

        Assert.Equal((4, required, tier), (gang.MinSize, gang.Topology.Required, gang.Topology.RequiredTier));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    private static Core.Objects.Pod Member(string kind)
    {
        var pod = MakePod.Named("train-0").Namespace("ml");
        return (kind switch
        {
            PodGroup.Coscheduling => pod.Label("scheduling.x-k8s.io/pod-group", "train"),
            PodGroup.Volcano => pod.Annotation("scheduling.k8s.io/group-name", "train"),
            _ => pod.SchedulingGroup("train"),
        }).Build();
    }
}
