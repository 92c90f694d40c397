using System.Text.Json.Nodes;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Tests.Reflection;

/// <summary>Whatever goes wrong in whatever order: in the end the sink holds what the server holds, and was never told a thing twice.</summary>
public sealed class ReflectorChaosTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_AnySequenceOfChangesAndFaults_EndsLevel(bool useWatchList)
    {
        for (var seed = 1; seed <= 15; seed++)
        {
            var random = new Random(seed);
            await using var h = await ReflectorHarness.CreateAsync(o => o with { UseWatchList = useWatchList });
            for (var i = 0; i < random.Next(8); i++) h.Put($"p{i}");
            h.Start();
            for (var step = 0; step < 60; step++) await StepAsync(h, random);

            h.Server.ClearFaults();
            h.Put("last");
            await SettleAsync(h);

            var diary = h.Diary;
            Assert.True(h.Truth.SequenceEqual(h.State), $"seed {seed}: {string.Join(' ', diary)}");
            Assert.DoesNotContain(diary, line => line[0] == '!');
        }
    }

    private static async Task StepAsync(ReflectorHarness h, Random random)
    {
        var pods = ResourceType.Pods;
        var name = $"p{random.Next(8)}";
        switch (random.Next(16))
        {
            case 0:
                h.Server.CutWatches(pods);
                break;
            case 1:
                h.Server.CutWatches(pods, """{"type":"ADDED","obj""");
                break;
            case 2:
                h.Server.EndWatches(pods);
                break;
            case 3:
                h.Server.Compact();
                break;
            case 4:
                h.Server.SendWatchError(pods, 410, "Expired", "too old");
                break;
            case 5:
                h.Server.On("list", "pods").CutBodyAfter(random.Next(400));
                break;
            case 6:
                h.Server.On("*", "pods").Answer(random.Next(2) == 0 ? 500 : 429, "Reason");
                break;
            case 7:
                h.Server.SendBookmark(pods);
                break;
            case 8 when h.Server.Get(pods, "default", name) is { } known:
                h.Server.SendEvent(pods, "MODIFIED", known.ToJsonString());
                break;
            case 9:
                h.Server.SendRaw(pods, "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":[]}}\n");
                break;
            case 10 or 11:
                h.Delete(name);
                break;
            case 12 when h.Server.Get(pods, "default", name) is not null:
                h.Server.Update(pods, "default", name, p => p["metadata"]!["annotations"] = new JsonObject { ["step"] = "x" });
                break;
            case 13:
                h.Time.Advance(TimeSpan.FromSeconds(random.Next(60)));
                break;
            default:
                h.Put(name);
                break;
        }

        await Task.Yield();
    }

    private static async Task SettleAsync(ReflectorHarness h)
    {
        var level = h.LevelAsync();
        while (!level.IsCompleted)
        {
            await Task.WhenAny(level, h.Time.WaitForTimersAsync());
            h.Time.AdvanceToNextTimer();
        }

        await level;
    }
}
