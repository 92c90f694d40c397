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
    public void Look_NoFullCollectionComes_OneIsAskedForBeforeTheThreadEndsAndNotOftenerThanNeeded()
    {
        using var collector = Make();
        const int Minutes = 2;
        _time.Advance(TimeSpan.FromMinutes(Minutes));
        Assert.InRange(_asked, Minutes * 3 + 1, Minutes * 5);
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

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Look_FullCollectionRightAfterALook_NextIsAskedForBeforeTheThreadEnds(int looks)
    {
        using var collector = Make();
        _time.Advance(BackgroundCollector.Interval * looks);
        _byThemselves++;
        var asked = _asked;
        _time.Advance(ThreadEnds - TimeSpan.FromSeconds(1));
        Assert.Equal(asked + 1, _asked);
    }

    [Fact]
    public void Look_CollectionIsCountedOnlyWhenItEnds_IsNotTakenForOneThatCameByItself()
    {
        var (asked, ended) = (0, 0);
        using var collector = new BackgroundCollector(_time, () => ended, () => asked++);
        for (var look = 0; look < 30; look++)
        {
            _time.Advance(BackgroundCollector.Interval);
            ended = asked;
        }

        Assert.True(asked * ThreadEnds > BackgroundCollector.Interval * 30, $"{asked} in {BackgroundCollector.Interval * 30}");
    }

    [Fact]
    public void Dispose_TimePasses_NoneIsAskedFor()
    {
        Make().Dispose();
        _time.Advance(ThreadEnds);
        Assert.Equal(0, _asked);
    }

    [SkippableFact]
    public void OfThisProcess_TimePasses_EverythingIsCollected()
    {
        using var collector = BackgroundCollector.OfThisProcess(_time);
        Skip.If(collector is null, "this process does not collect in the background, or its runtime needs no help");
        var before = GC.CollectionCount(2);
        _time.Advance(ThreadEnds);
        Assert.True(SpinWait.SpinUntil(() => GC.CollectionCount(2) > before, TimeSpan.FromSeconds(10)));
    }

    private BackgroundCollector Make() => new(_time, () => _byThemselves + _asked, () => _asked++);
}
