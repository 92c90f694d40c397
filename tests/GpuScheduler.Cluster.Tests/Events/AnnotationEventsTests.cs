using GpuScheduler.Cluster.Events;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Events;

public sealed class AnnotationEventsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private FakeApiServer _server = null!;
    private HttpKubernetesApi _api = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = _server.CreateClient();
    }

    public async Task DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Seen_UnknownAnnotationManyTimes_IsOneEventThatNamesTheNearest()
    {
        var pod = MakePod.Named("p").Gpus(1).Annotation("gpu-scheduler.io/gpu-modle", "x").Build();
        await PlayAsync(events =>
        {
            for (var version = 1; version < 6; version++) events.Seen(pod with { ResourceVersion = $"{version}" });
        });

        var written = Assert.Single(_server.All(ResourceType.Events));
        Assert.Equal(("Warning", "UnknownAnnotation"), ((string?)written["type"], (string?)written["reason"]));
        Assert.Equal("Ignored: unknown annotation gpu-scheduler.io/gpu-modle, did you mean gpu-scheduler.io/gpu-model?", (string?)written["note"]);
        Assert.Null(written["series"]);
    }

    [Fact]
    public async Task Seen_BadValueThenAnother_IsAnEventEach()
    {
        await PlayAsync(events =>
        {
            events.Seen(MakePod.Named("p").Gpus(1).Annotation("gpu-scheduler.io/placement", "tight").Build());
            events.Seen(MakePod.Named("p").Gpus(1).Annotation("gpu-scheduler.io/placement", "loose").Build());
        });

        Assert.Equal(
            ["The pod fits no node: annotation gpu-scheduler.io/placement: 'loose' is neither pack nor spread",
             "The pod fits no node: annotation gpu-scheduler.io/placement: 'tight' is neither pack nor spread"],
            _server.All(ResourceType.Events).Select(written => (string?)written["note"]).Order());
    }

    [Fact]
    public async Task Seen_GoodPodsOrBoundOnes_IsNoEvent()
    {
        await PlayAsync(events =>
        {
            events.Seen(MakePod.Named("a").Gpus(1).Build());
            events.Seen(MakePod.Named("b").Gpus(1).Annotation("gpu-scheduler.io/placement", "pack").Build());
            events.Seen(MakePod.Named("c").Gpus(1).Annotation("gpu-scheduler.io/placement", "tight").On("n1").Build());
        });

        Assert.Empty(_server.All(ResourceType.Events));
    }

    /// <summary>Records, then writes all that was recorded.</summary>
    private async Task PlayAsync(Action<AnnotationEvents> play)
    {
        var recorder = new EventRecorder(_api, new EventRecorderOptions { ReportingInstance = "gpu-scheduler-0" }, _time, new Random(1), NullLogger<EventRecorder>.Instance);
        play(new AnnotationEvents(recorder));
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        await recorder.RunAsync(stop.Token);
    }
}
