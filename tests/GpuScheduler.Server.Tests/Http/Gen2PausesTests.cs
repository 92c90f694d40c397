using GpuScheduler.Server.Http;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Http;

public sealed class Gen2PausesTests
{
    [Fact]
    public void Longest_AfterFullCollections_IsTheLongestOfThem()
    {
        var time = new FakeTimeProvider();
        using var pauses = new Gen2Pauses(time, () => true);
        time.Advance(Gen2Pauses.Interval);
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 5; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true);
            foreach (var pause in GC.GetGCMemoryInfo(GCKind.FullBlocking).PauseDurations) longest = pause > longest ? pause : longest;
            time.Advance(Gen2Pauses.Interval);
        }

        Assert.True(pauses.Longest >= longest, $"{pauses.Longest} is less than {longest}");
    }

    [Fact]
    public void Longest_BeforeReady_CountsNone()
    {
        var time = new FakeTimeProvider();
        using var pauses = new Gen2Pauses(time, () => false);
        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        time.Advance(Gen2Pauses.Interval);

        Assert.Equal(TimeSpan.Zero, pauses.Longest);
    }
}
