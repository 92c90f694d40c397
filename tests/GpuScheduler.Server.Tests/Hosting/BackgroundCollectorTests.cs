using GpuScheduler.Server.Hosting;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Hosting;

public sealed class BackgroundCollectorTests
{
    private static readonly TimeSpan ThreadEnds = TimeSpan.FromSeconds(20);

    private readonly FakeTimeProvider _time = new();
    private int _byThemselves;
    private int _asked;

    [Fact]
    public void Look_NoFullCollectionComes_OneIsAskedForBeforeTheThreadEnds()
    {
        using var collector = Make();
        for (var waited = TimeSpan.Zero; waited < ThreadEnds * 3; waited += TimeSpan.FromSeconds(1)) _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_asked >= 3, $"asked for {_asked} in {ThreadEnds * 3}");
    }

    [Fact]
    public void Look_FullCollectionsComeByThemselves_NoneIsAskedFor()
    {
        using var collector = Make();
        for (var i = 0; i < 10; i++)
        {
            _byThemselves++;
            _time.Advance(BackgroundCollector.Interval);
        }

        Assert.Equal(0, _asked);
    }

    [Fact]
    public void Look_FullCollectionRightAfterALook_NextIsAskedForBeforeTheThreadEnds()
    {
        using var collector = Make();
        _time.Advance(BackgroundCollector.Interval);
        var asked = _asked;
        _byThemselves++;
        _time.Advance(BackgroundCollector.Interval * 2);
        Assert.Equal(asked + 1, _asked);
        Assert.True(BackgroundCollector.Interval * 2 < ThreadEnds);
    }

    [Fact]
    public void Dispose_TimePasses_NoneIsAskedFor()
    {
        Make().Dispose();
        _time.Advance(ThreadEnds);
        Assert.Equal(0, _asked);
    }

    [SkippableFact]
    public void OfThisProcess_WhereCollectionsRunInTheBackground_AsksForOneThatDoes()
    {
        var before = GC.GetGCMemoryInfo(GCKind.Background).Index;
        using var collector = BackgroundCollector.OfThisProcess(_time);
        Skip.If(collector is null, "this process does not collect in the background, or its runtime needs no help");
        _time.Advance(BackgroundCollector.Interval);
        _time.Advance(BackgroundCollector.Interval);
        Assert.True(GC.CollectionCount(2) > 0);
        Assert.True(SpinWait.SpinUntil(() => GC.GetGCMemoryInfo(GCKind.Background).Index > before, TimeSpan.FromSeconds(10)));
    }

    private BackgroundCollector Make() => new(_time, () => _byThemselves + _asked, () => _asked++);
}
