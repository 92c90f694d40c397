using GpuScheduler.Cluster.Events;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Events;

public sealed class EventRecorderTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private FakeApiServer _server = null!;
    private HttpKubernetesApi _api = null!;
    private Task _running = Task.CompletedTask;

    private EventRecorderOptions Options { get; set; } = new() { ReportingInstance = "gpu-scheduler-0" };

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync();
        _api = _server.CreateClient();
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Patience);
        _api.Dispose();
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Record_Once_WritesWhatTheServerAsksOfAnEvent()
    {
        var recorder = Start();

        recorder.Record(Pod("p"), Node("n1"), isWarning: true, "BindRefused", "Binding", "no room");
        await SettledAsync(recorder, c => c.Written == 1);

        var written = Assert.Single(_server.All(ResourceType.Events));
        Assert.StartsWith("p.", (string?)written["metadata"]!["name"], StringComparison.Ordinal);
        Assert.Equal("team-a", (string?)written["metadata"]!["namespace"]);
        Assert.Equal("2026-01-01T00:00:00.000000Z", (string?)written["eventTime"]);
        Assert.Equal("Warning", (string?)written["type"]);
        Assert.Equal("BindRefused", (string?)written["reason"]);
        Assert.Equal("Binding", (string?)written["action"]);
        Assert.Equal("no room", (string?)written["note"]);
        Assert.Equal("gpu-scheduler.io/gpu-scheduler", (string?)written["reportingController"]);
        Assert.Equal("gpu-scheduler-0", (string?)written["reportingInstance"]);
        Assert.Equal("uid-p", (string?)written["regarding"]!["uid"]);
        Assert.Equal("n1", (string?)written["related"]!["name"]);
    }

    [Fact]
    public async Task Record_EqualEvents_BecomeOneWithACountWrittenNowAndThen()
    {
        var recorder = Start();

        for (var i = 0; i < 5; i++) Refuse(recorder, "p");
        await SettledAsync(recorder, c => c is { Written: 2, Repeated: 4 });
        _time.Advance(TimeSpan.FromMinutes(2));
        await SettledAsync(recorder, c => c.Written == 3);

        var written = Assert.Single(_server.All(ResourceType.Events));
        Assert.Equal(5, (int)written["series"]!["count"]!);
        Assert.Equal(4, recorder.Counters.Repeated);
        Assert.Equal(3, recorder.Counters.Written);
    }

    [Fact]
    public async Task Record_AgainAfterAQuietTime_IsANewEvent()
    {
        var recorder = Start();
        Refuse(recorder, "p");
        await SettledAsync(recorder, c => c.Written == 1);
        await _time.WaitForTimersAsync();

        // each flush waits for the one before it to set the next timer
        for (var i = 0; i < 40; i++)
        {
            await _time.WaitForTimersAsync();
            _time.Advance(TimeSpan.FromSeconds(10));
        }

        await _time.WaitForTimersAsync();
        Refuse(recorder, "p");
        await SettledAsync(recorder, c => c.Written == 2);
    }

    [Fact]
    public async Task Record_DifferentNotes_AreDifferentEvents()
    {
        var recorder = Start();

        recorder.Record(Pod("p"), null, isWarning: true, "BindRefused", "Binding", "one");
        recorder.Record(Pod("p"), null, isWarning: true, "BindRefused", "Binding", "two");
        await SettledAsync(recorder, c => c.Written == 2);

        Assert.Equal(["one", "two"], _server.All(ResourceType.Events).Select(e => (string?)e["note"]));
    }

    [Fact]
    public async Task Record_ManyAboutOneObject_AreLimitedAndOthersAreNot()
    {
        Options = Options with { ObjectBurst = 3 };
        var recorder = Start();

        for (var i = 0; i < 10; i++) recorder.Record(Pod("noisy"), null, isWarning: true, "BindRefused", "Binding", $"note {i}");
        Refuse(recorder, "quiet");
        await SettledAsync(recorder, c => c.Written == 4);

        Assert.Equal(7, recorder.Counters.Limited);
        Assert.Equal(4, recorder.Counters.Written);
    }

    [Fact]
    public async Task Record_ServerHangs_NeverWaitsAndDropsTheSurplus()
    {
        Options = Options with { QueueCapacity = 5 };
        var gate = _server.On("create", "events").HoldBefore();
        var recorder = Start();
        Refuse(recorder, "first");
        await gate.Reached;

        var taken = Enumerable.Range(0, 20).Count(i => Refuse(recorder, $"p{i}"));
        gate.Release();
        await SettledAsync(recorder, c => c.Written == 6);

        Assert.Equal(5, taken);
        Assert.Equal(15, recorder.Counters.Dropped);
        Assert.Equal(6, recorder.Counters.Recorded);
    }

    [Fact]
    public async Task Record_AnswerLost_IsNotWrittenTwice()
    {
        _server.On("create", "events").ApplyThenReset();
        var recorder = Start();

        Refuse(recorder, "p");
        await _server.WaitForCallsAsync("create", "events", 1).WaitAsync(Patience);
        await _time.WaitForTimersAsync(2);
        _time.Advance(TimeSpan.FromSeconds(2));
        await _server.WaitForCallsAsync("create", "events", 2).WaitAsync(Patience);
        await SettledAsync(recorder, c => c.Written == 1);

        Assert.Single(_server.All(ResourceType.Events));
        Assert.Equal(0, recorder.Counters.Failed);
    }

    [Fact]
    public async Task Record_ServerRefuses_GivesUpAndGoesOn()
    {
        _server.On("create", "events").Answer(403, "Forbidden", "events is forbidden");
        var recorder = Start();

        Refuse(recorder, "p");
        Refuse(recorder, "q");
        await SettledAsync(recorder, c => c.Written == 1);

        Assert.Equal(1, recorder.Counters.Failed);
    }

    [Fact]
    public async Task Record_GroupIsNotServed_WritesCoreEvents()
    {
        var core = new ResourceType("", "v1", "events", "Event", IsNamespaced: true);
        _server.On("create", "events").AnswerText(404, "404 page not found");
        _server.On("get", "/apis").AnswerText(200, """{"kind":"APIGroupList","groups":[]}""");
        var recorder = Start();

        for (var i = 0; i < 2; i++) Refuse(recorder, "p");
        await SettledAsync(recorder, c => c.Written == 2);

        var written = Assert.Single(_server.All(core));
        Assert.Equal(2, (int)written["count"]!);
        Assert.Equal("no room", (string?)written["message"]);
        Assert.Equal("uid-p", (string?)written["involvedObject"]!["uid"]);
        Assert.Equal("gpu-scheduler.io/gpu-scheduler", (string?)written["source"]!["component"]);
        Assert.Empty(_server.All(ResourceType.Events));
    }

    [Fact]
    public async Task Record_NamespaceIsGone_DoesNotTurnToCoreEvents()
    {
        _server.On("create", "events").Answer(404, "NotFound", "namespaces \"team-a\" not found");
        var recorder = Start();

        Refuse(recorder, "p");
        Refuse(recorder, "q");
        await SettledAsync(recorder, c => c.Written == 1);

        Assert.Single(_server.All(ResourceType.Events));
    }

    [Fact]
    public async Task RunAsync_Cancelled_WritesWhatStillWaits()
    {
        var recorder = Create();
        for (var i = 0; i < 10; i++) Refuse(recorder, $"p{i}");
        await _stop.CancelAsync();

        await recorder.RunAsync(_stop.Token).WaitAsync(Patience);

        Assert.Equal(10, _server.All(ResourceType.Events).Count);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileTheServerHangs_GivesUpAfterTheGrace()
    {
        _server.On("create", "events").Always().HoldBefore();
        var recorder = Create();
        Refuse(recorder, "p");
        await _stop.CancelAsync();

        var running = recorder.RunAsync(_stop.Token);
        await _time.WaitForTimersAsync();
        _time.Advance(Options.ShutdownGrace);

        await running.WaitAsync(Patience);
    }

    [Fact]
    public async Task Record_LongPodName_EventNameStaysWithinTheLimit()
    {
        var recorder = Start();

        Refuse(recorder, new string('p', 253));
        await SettledAsync(recorder, c => c.Written == 1);

        Assert.Equal(253, ((string?)Assert.Single(_server.All(ResourceType.Events))["metadata"]!["name"])!.Length);
    }

    private static ObjectReference Pod(string name) => new("v1", "Pod", new ObjectMeta("team-a", name, $"uid-{name}", "7"));

    private static ObjectReference Node(string name) => new("v1", "Node", ObjectMeta.Empty with { Name = name });

    private static bool Refuse(EventRecorder recorder, string pod) =>
        recorder.Record(Pod(pod), Node("n1"), isWarning: true, "BindRefused", "Binding", "no room");

    private static async Task SettledAsync(EventRecorder recorder, Func<EventCounters, bool> condition)
    {
        var guard = Task.Delay(Patience, TimeProvider.System);
        while (!condition(recorder.Counters))
        {
            Assert.False(guard.IsCompleted, recorder.Counters.ToString());
            await Task.Yield();
        }
    }

    private EventRecorder Create() => new(_api, Options, _time, new Random(1), NullLogger<EventRecorder>.Instance);

    private EventRecorder Start()
    {
        var recorder = Create();
        _running = Task.Run(() => recorder.RunAsync(_stop.Token));
        return recorder;
    }
}
