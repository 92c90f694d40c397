using GpuScheduler.Cluster.Reflection;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Reflection;

/// <summary>A reflector of pods on a fake API server, a clock that stands still, and a sink that keeps a diary and the state it adds up to.</summary>
public sealed class ReflectorHarness : IAsyncDisposable, IReflectorSink<TestObject>
{
    // only so that a test that waits for what never comes fails instead of hanging
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly List<(Func<bool> Condition, TaskCompletionSource Source)> _waiters = [];
    private readonly List<string> _diary = [];
    private readonly Dictionary<string, TestObject> _state = new(StringComparer.Ordinal);
    private HttpKubernetesApi _api = null!;
    private Task _running = Task.CompletedTask;

    public FakeApiServer Server { get; private set; } = null!;

    public FakeTimeProvider Time { get; } = new();

    public Reflector<TestObject> Reflector { get; private set; } = null!;

    /// <summary>Objects whose hand-over waits for <see cref="HoldUpsert"/>.</summary>
    public TaskCompletionSource? HoldUpsert { get; set; }

    public IReadOnlyList<string> Diary
    {
        get
        {
            lock (_lock)
            {
                return [.. _diary];
            }
        }
    }

    /// <summary>name@resourceVersion of every object the sink holds, in order.</summary>
    public IReadOnlyList<string> State
    {
        get
        {
            lock (_lock)
            {
                return [.. _state.Values.Select(o => $"{o.Meta.Name}@{o.Meta.ResourceVersion}").Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>name@resourceVersion of every pod on the server, in order.</summary>
    public IReadOnlyList<string> Truth =>
        [.. Server.All(ResourceType.Pods).Select(p => $"{p["metadata"]!["name"]}@{p["metadata"]!["resourceVersion"]}").Order(StringComparer.Ordinal)];

    public static string Pod(string name, string labels = "") =>
        $$$"""{"metadata":{"namespace":"default","name":"{{{name}}}","labels":{{{{labels}}}}},"spec":{}}""";

    public static async Task<ReflectorHarness> CreateAsync(Func<ReflectorOptions, ReflectorOptions>? change = null)
    {
        var harness = new ReflectorHarness { Server = await FakeApiServer.StartAsync() };
        harness._api = harness.Server.CreateClient();
        var options = new ReflectorOptions(ResourceType.Pods) { PageSize = 2 };
        harness.Reflector = new Reflector<TestObject>(
            harness._api,
            TestObjectReader.Instance,
            harness,
            change?.Invoke(options) ?? options,
            harness.Time,
            new Random(1),
            NullLogger<Reflector<TestObject>>.Instance);
        return harness;
    }

    public ReflectorHarness Start()
    {
        _running = Task.Run(() => Reflector.RunAsync(_stop.Token));
        return this;
    }

    public void Put(params string[] names)
    {
        foreach (var name in names) Server.Put(ResourceType.Pods, Pod(name));
    }

    public void Delete(string name) => Server.Delete(ResourceType.Pods, "default", name);

    /// <summary>Starts, and completes once the list is handed over and the watch is open.</summary>
    public async Task<ReflectorHarness> StartAndWatchAsync()
    {
        Start();
        await UntilAsync(() => _diary.Contains("synced"));
        await WatchingAsync();
        return this;
    }

    public Task WatchingAsync() => Server.WaitForWatchesAsync(ResourceType.Pods).WaitAsync(Patience);

    /// <summary>Waits for the reflector to pause, and moves the clock to the end of the pause.</summary>
    public async Task PassPauseAsync()
    {
        await Time.WaitForTimersAsync().WaitAsync(Patience);
        Time.AdvanceToNextTimer();
    }

    /// <summary>Completes as soon as the sink holds exactly what the server does.</summary>
    public Task LevelAsync() => UntilAsync(() => StateUnlocked().SequenceEqual(Truth, StringComparer.Ordinal));

    public Task SyncedAsync(int times) => UntilAsync(() => _diary.Count(line => line == "synced") >= times);

    public Task ToldAsync(string line) => UntilAsync(() => _diary.Contains(line));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _running == Task.CompletedTask ? throw new OperationCanceledException() : _running);
        _api.Dispose();
        await Server.DisposeAsync();
        _stop.Dispose();
    }

    async ValueTask IReflectorSink<TestObject>.UpsertAsync(TestObject value, ObjectMeta meta, CancellationToken cancellationToken)
    {
        if (HoldUpsert is { } hold) await hold.Task.WaitAsync(cancellationToken);
        Tell($"+{meta.Name}", () =>
        {
            if (_state.TryGetValue(meta.Name, out var before) && before.Meta.Uid != meta.Uid) _diary.Add($"!{meta.Name} was not deleted first");
            _state[meta.Name] = value;
        });
    }

    ValueTask IReflectorSink<TestObject>.DeleteAsync(ObjectMeta meta, CancellationToken cancellationToken)
    {
        Tell($"-{meta.Name}", () =>
        {
            if (!_state.Remove(meta.Name, out var before) || before.Meta.Uid != meta.Uid) _diary.Add($"!{meta.Name} was not there");
        });
        return ValueTask.CompletedTask;
    }

    ValueTask IReflectorSink<TestObject>.SyncedAsync(string resourceVersion, CancellationToken cancellationToken)
    {
        Tell("synced", () => { });
        return ValueTask.CompletedTask;
    }

    private IEnumerable<string> StateUnlocked() =>
        _state.Values.Select(o => $"{o.Meta.Name}@{o.Meta.ResourceVersion}").Order(StringComparer.Ordinal);

    private void Tell(string line, Action change)
    {
        List<TaskCompletionSource> met = [];
        lock (_lock)
        {
            change();
            _diary.Add(line);
            foreach (var waiter in _waiters.Where(w => w.Condition()).ToList())
            {
                met.Add(waiter.Source);
                _waiters.Remove(waiter);
            }
        }

        foreach (var source in met) source.SetResult();
    }

    private Task UntilAsync(Func<bool> condition)
    {
        lock (_lock)
        {
            if (condition()) return Task.CompletedTask;
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((condition, source));
            return source.Task.WaitAsync(Patience);
        }
    }
}
