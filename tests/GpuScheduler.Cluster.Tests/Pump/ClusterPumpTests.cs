using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Pump;

public sealed class ClusterPumpTests : IAsyncDisposable
{
    private readonly SnapshotStore _store = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterPump _pump;

    public ClusterPumpTests() => _pump = new ClusterPump(new ClusterLedger(), _store, _time, NullLogger<ClusterPump>.Instance);

    public ValueTask DisposeAsync() => _pump.DisposeAsync();

    [Fact]
    public async Task AskAsync_AfterAChange_SeesItPublished()
    {
        await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named("n1").Gpus(8).Build()));

        await _pump.AskAsync(ledger => ledger.NodeCount, default);

        Assert.NotNull(_store.Current.Names.Find("n1"u8));
    }

    [Fact]
    public async Task PostAsync_ManyChangesInOneDrain_ShareOneSnapshot()
    {
        var entered = new TaskCompletionSource();
        using var release = new ManualResetEventSlim();
        var hold = _pump.AskAsync(
            ledger =>
            {
                entered.SetResult();
                release.Wait();
                return ledger.NodeCount;
            },
            default);
        await entered.Task;
        for (var i = 0; i < 1000; i++) await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named($"n{i}").Build()));
        release.Set();
        await hold;

        await _pump.AskAsync(ledger => ledger.NodeCount, default);

        Assert.Equal(1000, _store.Current.NodeCount);
        Assert.InRange(_store.Current.Generation, 1, 3);
    }

    [Fact]
    public async Task AskAsync_ThatThrows_FailsAloneAndThePumpGoesOn()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => _pump.AskAsync<int>(_ => throw new InvalidOperationException("broken"), default));

        Assert.Equal(0, await _pump.AskAsync(ledger => ledger.NodeCount, default));
    }

    [Fact]
    public async Task Time_PassesTheAssumedLifetime_ExpiresThePod()
    {
        var pod = MakePod.Named("p").Gpus(8).Uid("u").Build();
        await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named("n1").Cpu("1").Memory("1Gi").Gpus(8).Build()));
        Assert.True((await _pump.AssumeAsync(pod, "n1", default)).IsPlaced);
        await _pump.PostAsync(ClusterChange.BindingFinished("u", _time.GetUtcNow()));
        await _pump.AskAsync(ledger => ledger.PodCount, default);

        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(PodState.Waiting, await _pump.AskAsync(ledger => ledger.StateOf("u"), default));
    }

    [Fact]
    public async Task DisposeAsync_ChangesWaiting_AppliesThemFirst()
    {
        for (var i = 0; i < 100; i++) await _pump.PostAsync(ClusterChange.NodeUpserted(MakeNode.Named($"n{i}").Build()));

        await _pump.DisposeAsync();

        Assert.Equal(100, _store.Current.NodeCount);
    }
}
