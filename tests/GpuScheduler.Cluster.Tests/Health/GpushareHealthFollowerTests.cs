using GpuScheduler.Cluster.Access;
using GpuScheduler.Cluster.Health;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Health;

public sealed class GpushareHealthFollowerTests : IAsyncLifetime
{
    private readonly SnapshotStore _store = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeTimeProvider _time = new();
    private FakeApiServer _server = null!;
    private Kubernetes.HttpKubernetesApi _api = null!;
    private ClusterPump _pump = null!;
    private Task _running = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = _server.CreateClient();
        _pump = new ClusterPump(new ClusterLedger(), _store, _time, NullLogger<ClusterPump>.Instance);
        await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named("n1").Gpus(4).Build()));
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _pump.DisposeAsync();
        _api.Dispose();
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task RunAsync_ConfigMapThatComesChangesAndGoes_TakesDevicesAwayAndGivesThemBack()
    {
        Put("kube-system", "kubeadm-config", "0");
        Put("default", "unhealthy-gpu-n1", "3");
        Put("kube-system", "unhealthy-gpu-n1", "1, 2");
        await StartAsync();

        await EventuallyAsync([1000, 0, 0, 1000]);
        Put("kube-system", "unhealthy-gpu-n1", "0");
        await EventuallyAsync([0, 1000, 1000, 1000]);
        _server.Delete(GpushareHealthFollower.ConfigMaps, "kube-system", "unhealthy-gpu-n1");
        await EventuallyAsync([1000, 1000, 1000, 1000]);
        Assert.Empty(_server.CallsAsRules.Except(ApiAccess.GpushareHealth.Select(p => (p.Verb, p.Group, p.Resource))));
    }

    [Fact]
    public async Task RunAsync_NodeThatComesLater_HasItsBrokenDevices()
    {
        Put("kube-system", "unhealthy-gpu-n2", "0");
        Put("kube-system", "unhealthy-gpu-n1", "0");
        await StartAsync();
        await EventuallyAsync([0, 1000, 1000, 1000]);

        await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named("n2").Gpus(2).Annotation("gpu-scheduler.io/unhealthy-devices", "1").Build()));
        await _pump.FlushAsync(default);

        Assert.Equal([0, 0], FreeMilli("n2"));
    }

    private async Task StartAsync()
    {
        _running = new GpushareHealthFollower(_api, _pump, _time, NullLoggerFactory.Instance).RunAsync(_stop.Token);
        await _server.WaitForWatchesAsync(GpushareHealthFollower.ConfigMaps);
    }

    private void Put(string ns, string name, string gpus) => _server.Put(
        GpushareHealthFollower.ConfigMaps, $$$"""{"metadata":{"namespace":"{{{ns}}}","name":"{{{name}}}"},"data":{"gpus":"{{{gpus}}}"}}""");

    private async Task EventuallyAsync(int[] free)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        do
        {
            await _pump.FlushAsync(limit.Token);
        }
        while (!FreeMilli("n1").SequenceEqual(free));
    }

    private int[] FreeMilli(string node)
    {
        var snapshot = _store.Current;
        var row = snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(node))!.Row;
        return [.. snapshot.PageOf(row).DeviceFreeMilli(row & NodePage.RowMask).ToArray().Select(milli => (int)milli)];
    }
}
