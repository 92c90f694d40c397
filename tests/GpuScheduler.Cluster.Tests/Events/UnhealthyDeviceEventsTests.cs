using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Events;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Events;

public sealed class UnhealthyDeviceEventsTests : IAsyncLifetime, IBindGate
{
    private readonly ClusterLedger _ledger = new();
    private readonly SnapshotStore _store = new();
    private readonly FakeTimeProvider _time = new();
    private FakeApiServer _server = null!;
    private HttpKubernetesApi _api = null!;
    private EventRecorder _recorder = null!;
    private UnhealthyDeviceEvents _events = null!;

    public string? Refusal { get; set; }

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = _server.CreateClient();
        _recorder = new EventRecorder(_api, new EventRecorderOptions { ReportingInstance = "gpu-scheduler-0" }, _time, new Random(1), NullLogger<EventRecorder>.Instance);
        _events = new UnhealthyDeviceEvents(_store, this, _recorder, _time);
        _ledger.UpsertNode(MakeNode.Named("n1").Gpus(4).Build());
        _ledger.UpsertPod(MakePod.Named("bad").Gpus(2).Annotation(DeviceAnnotation.Key, """[{"index":0,"milli":1000},{"index":1,"milli":1000}]""").On("n1").Build());
        _ledger.UpsertPod(MakePod.Named("good").Gpus(1).Annotation(DeviceAnnotation.Key, """[{"index":2,"milli":1000}]""").On("n1").Build());
        _ledger.UpsertPod(MakePod.Named("unknown").Gpus(1).On("n1").Build());
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Look_DeviceThatBreaksUnderAPod_IsOneWarningOnThatPod()
    {
        LookAgain();
        _ledger.ReportUnhealthy("n1", "1,3");
        LookAgain();
        LookAgain();

        var written = Assert.Single(await WriteAsync());
        Assert.Equal(("Warning", "UnhealthyGPU"), ((string?)written["type"], (string?)written["reason"]));
        Assert.Equal("bad", (string?)written["regarding"]!["name"]);
        Assert.Equal("Not healthy on node n1 and held by this pod: GPU 1", (string?)written["note"]);
        Assert.Null(written["series"]);
    }

    [Fact]
    public async Task Look_OnAReplicaThatDoesNotLead_SaysNothingUntilItDoes()
    {
        _ledger.ReportUnhealthy("n1", "0");
        Refusal = "not leading";
        LookAgain();
        Refusal = null;
        LookAgain();

        Assert.Single(await WriteAsync());
    }

    [Fact]
    public async Task Look_AllocatableBelowCapacity_BlamesNoDevice()
    {
        ResourceAmount[] offered = [new(ResourceNames.Pods, 110), new(GpuResourceCatalog.NvidiaGpu, 1)];
        _ledger.UpsertNode(new Node { Name = "n1", Allocatable = offered, Capacity = [new(ResourceNames.Pods, 110), new(GpuResourceCatalog.NvidiaGpu, 4)] });
        LookAgain();

        Assert.Empty(await WriteAsync());
    }

    private void LookAgain()
    {
        _store.Publish(_ledger.Publish());
        _events.Look();
    }

    private async Task<IReadOnlyList<System.Text.Json.Nodes.JsonObject>> WriteAsync()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await _recorder.RunAsync(stop.Token);
        return _server.All(ResourceType.Events);
    }
}
