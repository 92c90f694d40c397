using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Tests.Reflection;

public sealed class ReflectorTests
{
    [Fact]
    public async Task RunAsync_StateInSeveralPages_IsHandedOverOnceAndThenSynced()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a", "b", "c", "d", "e");

        await h.StartAndWatchAsync();

        Assert.Equal(["+a", "+b", "+c", "+d", "+e", "synced"], h.Diary);
        Assert.True(h.Reflector.HasSynced);
        Assert.Equal(h.Server.ResourceVersion, h.Reflector.ResourceVersion);
        Assert.Equal(3, h.Server.Calls.Count(c => c.Verb == "list"));
    }

    [Fact]
    public async Task RunAsync_BeforeTheFirstList_IsNotSyncedAndInfinitelyStale()
    {
        await using var h = await ReflectorHarness.CreateAsync();

        Assert.False(h.Reflector.HasSynced);
        Assert.Equal(TimeSpan.MaxValue, h.Reflector.Staleness);
    }

    [Fact]
    public async Task RunAsync_ObjectsLive_TellsEveryChangeInOrder()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();

        h.Put("a");
        h.Put("b");
        h.Put("a");
        h.Delete("b");

        await h.ToldAsync("-b");
        Assert.Equal(["synced", "+a", "+b", "+a", "-b"], h.Diary);
    }

    [Fact]
    public async Task RunAsync_FieldSelectorAndNamespace_ReachListAndWatch()
    {
        await using var h = await ReflectorHarness.CreateAsync(o => o with { Namespace = "default", FieldSelector = "status.phase!=Succeeded" });
        h.Put("a");
        h.Server.Put(ResourceType.Pods, """{"metadata":{"namespace":"default","name":"done"},"status":{"phase":"Succeeded"}}""");
        await h.StartAndWatchAsync();

        h.Server.Update(ResourceType.Pods, "default", "a", p => p["status"] = new System.Text.Json.Nodes.JsonObject { ["phase"] = "Succeeded" });

        await h.ToldAsync("-a");
        Assert.Equal(["+a", "synced", "-a"], h.Diary);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_ConnectionCutMidLine_ResumesWithoutGapOrDouble(bool midLine)
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a", "b");
        await h.StartAndWatchAsync();

        h.Put("c");
        await h.ToldAsync("+c");
        h.Server.EndWatches(ResourceType.Pods);
        await h.Server.WaitForCallsAsync("watch", "pods", 2);
        await h.WatchingAsync();
        h.Server.CutWatches(ResourceType.Pods, midLine ? """{"type":"ADDED","object":{"metadata":{"na""" : "");
        await h.Time.WaitForTimersAsync();
        h.Delete("a");
        h.Put("d", "b");
        await h.PassPauseAsync();
        await h.LevelAsync();

        Assert.Equal(["+a", "+b", "synced", "+c", "-a", "+d", "+b"], h.Diary);
        Assert.Equal(1, h.Reflector.Counters.Lists);
        Assert.Equal(1, h.Reflector.Counters.WatchFailures);
    }

    [Fact]
    public async Task RunAsync_ServerEndsALongWatch_ResumesAtOnce()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();

        h.Time.Advance(TimeSpan.FromMinutes(7));
        h.Server.EndWatches(ResourceType.Pods);
        await h.Server.WaitForCallsAsync("watch", "pods", 2);
        h.Put("a");
        await h.LevelAsync();

        Assert.Equal(["synced", "+a"], h.Diary);
        Assert.Equal(0, h.Time.PendingTimers);
        Assert.Equal(0, h.Reflector.Counters.WatchFailures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_WatchThatBroughtEventsIsCut_ResumesAtOnce(bool isEnd)
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();

        // A server cuts a watch whose events it cannot get rid of, again and again while it is busy.
        for (var i = 1; i <= 4; i++)
        {
            await h.WatchingAsync();
            h.Put($"pod{i}");
            await h.ToldAsync($"+pod{i}");
            if (isEnd) h.Server.EndWatches(ResourceType.Pods);
            else h.Server.CutWatches(ResourceType.Pods);
            await h.Server.WaitForCallsAsync("watch", "pods", i + 1);
        }

        Assert.Equal(0, h.Time.PendingTimers);
        Assert.Equal(["synced", "+pod1", "+pod2", "+pod3", "+pod4"], h.Diary);
        Assert.Equal(1, h.Reflector.Counters.Lists);
    }

    [Fact]
    public async Task RunAsync_ServerEndsWatchesAtOnce_PausesLongerAndLonger()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();

        var pauses = new List<TimeSpan>();
        for (var i = 0; i < 4; i++)
        {
            await h.WatchingAsync();
            h.Server.EndWatches(ResourceType.Pods);
            await h.Time.WaitForTimersAsync();
            pauses.Add(h.Time.DueTimes[0] - h.Time.GetUtcNow());
            h.Time.AdvanceToNextTimer();
        }

        // 0.8 s doubling, each up to twice as long by jitter
        Assert.InRange(pauses[0], TimeSpan.FromSeconds(0.8), TimeSpan.FromSeconds(1.6));
        Assert.InRange(pauses[3], TimeSpan.FromSeconds(6.4), TimeSpan.FromSeconds(12.8));
        Assert.Equal(1, h.Reflector.Counters.Lists);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_HistoryCompactedWhileCut_RelistReconciles(bool asStatus)
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Server.ExpiredWatchIsStatus = asStatus;
        h.Put("gone", "kept", "changed", "reborn");
        await h.StartAndWatchAsync();

        h.Server.CutWatches(ResourceType.Pods);
        await h.Time.WaitForTimersAsync();
        h.Delete("gone");
        h.Delete("reborn");
        h.Put("changed", "reborn", "new");
        h.Server.Compact();
        await h.PassPauseAsync();
        await h.PassPauseAsync();
        await h.SyncedAsync(2);

        Assert.Equal(h.Truth, h.State);
        Assert.Equal(["+changed", "+new", "-reborn", "+reborn", "-gone", "synced"], h.Diary.Skip(5));
        Assert.Equal(2, h.Reflector.Counters.Lists);
    }

    [Fact]
    public async Task RunAsync_ErrorEventInOpenWatch_Relists()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a");
        await h.StartAndWatchAsync();

        h.Server.SendWatchError(ResourceType.Pods, 410, "Expired", "too old resource version");
        await h.PassPauseAsync();
        await h.SyncedAsync(2);
        await h.WatchingAsync();
        h.Put("b");
        await h.LevelAsync();

        Assert.Equal(["+a", "synced", "synced", "+b"], h.Diary);
    }

    [Fact]
    public async Task RunAsync_TooManyRequests_WaitsAsLongAsAskedAndResumes()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();

        h.Server.On("watch", "pods").AnswerText(429, "too many requests", retryAfterSeconds: 45);
        h.Server.CutWatches(ResourceType.Pods);
        await h.PassPauseAsync();
        await h.Time.WaitForTimersAsync();
        var pause = h.Time.DueTimes[0] - h.Time.GetUtcNow();
        h.Put("a");
        await h.PassPauseAsync();
        await h.LevelAsync();

        Assert.Equal(TimeSpan.FromSeconds(45), pause);
        Assert.Equal(1, h.Reflector.Counters.Lists);
    }

    [Theory]
    [InlineData(503, 1)]
    [InlineData(401, 1)]
    [InlineData(500, 2)]
    [InlineData(400, 2)]
    public async Task RunAsync_WatchRefused_RelistsOnlyWhereThePositionMayBeLost(int code, int lists)
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();

        h.Server.On("watch", "pods").Answer(code, "Reason");
        h.Server.CutWatches(ResourceType.Pods);
        await h.PassPauseAsync();
        await h.PassPauseAsync();
        await h.WatchingAsync();

        Assert.Equal(lists, h.Reflector.Counters.Lists);
    }

    [Fact]
    public async Task RunAsync_ListFailsInTheMiddle_BeginsAnewAndDeletesNothing()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a", "b", "c");
        await h.StartAndWatchAsync();

        h.Server.SendWatchError(ResourceType.Pods, 410, "Expired", "");
        await h.Time.WaitForTimersAsync();
        h.Put("0", "1");
        h.Server.On("list", "pods").CutBodyAfter(100_000); // the first page passes
        h.Server.On("list", "pods").CutBodyAfter(150);
        await h.PassPauseAsync();
        await h.PassPauseAsync();
        await h.SyncedAsync(2);

        Assert.Equal(["+0", "+1", "synced"], h.Diary.Skip(4));
        Assert.Equal(1, h.Reflector.Counters.ListFailures);
        Assert.Equal(h.Truth, h.State);
    }

    [Fact]
    public async Task RunAsync_ContinueTokenExpires_ListsWholeAndReconciles()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a", "b", "c", "d");
        h.Server.On("list", "pods").CutBodyAfter(100_000); // the first page passes
        h.Server.On("list", "pods").Answer(410, "Expired");
        h.Start();
        await h.SyncedAsync(1);

        Assert.Equal(["+a", "+b", "+c", "+d", "synced"], h.Diary);
        Assert.Equal(0, h.Reflector.Counters.ListFailures);
    }

    [Fact]
    public async Task RunAsync_FirstListRefused_RetriesUntilItWorks()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a");
        h.Server.On("list", "pods").Times(2).Answer(500);
        h.Server.On("list", "pods").Reset();
        h.Start();

        for (var i = 0; i < 3; i++) await h.PassPauseAsync();
        await h.SyncedAsync(1);

        Assert.Equal(["+a", "synced"], h.Diary);
        Assert.Equal(3, h.Reflector.Counters.ListFailures);
    }

    [Fact]
    public async Task RunAsync_DuplicateAndStaleEvents_AreDropped()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        var old = h.Server.Put(ResourceType.Pods, ReflectorHarness.Pod("a"));
        await h.StartAndWatchAsync();
        h.Put("b");
        h.Delete("a");
        await h.ToldAsync("-a");
        var newest = h.Server.Get(ResourceType.Pods, "default", "b")!.ToJsonString();

        h.Server.SendEvent(ResourceType.Pods, "MODIFIED", newest);
        h.Server.SendEvent(ResourceType.Pods, "ADDED", $$$"""{"metadata":{"namespace":"default","name":"a","uid":"{{{old.Uid}}}","resourceVersion":"{{{old.ResourceVersion}}}"}}""");
        h.Put("c");
        await h.ToldAsync("+c");

        Assert.Equal(["+a", "synced", "+b", "-a", "+c"], h.Diary);
        Assert.Equal(2, h.Reflector.Counters.Stale);
    }

    [Fact]
    public async Task RunAsync_Bookmark_MovesThePositionSoThatCompactionDoesNotHurt()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();
        for (var i = 0; i < 5; i++) h.Server.Put(ResourceType.Nodes, """{"metadata":{"name":"n"}}""");
        h.Server.Compact();
        h.Server.SendBookmark(ResourceType.Pods);
        h.Put("a");
        await h.ToldAsync("+a");

        h.Server.CutWatches(ResourceType.Pods);
        await h.Server.WaitForCallsAsync("watch", "pods", 2);
        await h.WatchingAsync();

        Assert.Equal(1, h.Reflector.Counters.Lists);
    }

    [Fact]
    public async Task Staleness_Bookmark_IsASignOfLife()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();
        h.Time.Advance(TimeSpan.FromSeconds(70));
        var before = h.Reflector.Staleness;

        var rv = h.Server.Put(ResourceType.Nodes, """{"metadata":{"name":"n"}}""").ResourceVersion;
        h.Server.SendBookmark(ResourceType.Pods);
        h.Put("a");
        await h.ToldAsync("+a");

        Assert.Equal(TimeSpan.FromSeconds(70), before);
        Assert.Equal(TimeSpan.Zero, h.Reflector.Staleness);
        Assert.True(string.CompareOrdinal(h.Reflector.ResourceVersion, rv) >= 0);
    }

    [Fact]
    public async Task Staleness_SilentWatch_GrowsWithTheClock()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();
        h.Server.FreezeWatches(ResourceType.Pods);
        h.Put("a");

        h.Time.Advance(TimeSpan.FromMinutes(3));

        Assert.Equal(TimeSpan.FromMinutes(3), h.Reflector.Staleness);
    }

    [Fact]
    public async Task RunAsync_UnreadableObjectInList_OthersArriveAndItIsCountedOnce()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a", "c");
        h.Server.Put(ResourceType.Pods, ReflectorHarness.Pod("b", "\"refuse\":\"yes\""));
        await h.StartAndWatchAsync();

        await h.Reflector.RelistAsync(default);

        Assert.Equal(["+a", "+c", "synced", "synced"], h.Diary);
        Assert.Equal(1, h.Reflector.Counters.Unreadable);
    }

    [Fact]
    public async Task RunAsync_NewestVersionUnreadable_OlderStaysInForceThroughARelist()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a", "b");
        await h.StartAndWatchAsync();

        h.Server.Update(ResourceType.Pods, "default", "a", p => p["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["refuse"] = "yes" });
        h.Put("b");
        await h.Reflector.RelistAsync(default);
        Assert.Equal(["a", "b"], h.State.Select(s => s.Split('@')[0]));
        Assert.Equal(1, h.Reflector.Counters.Unreadable);

        h.Put("a");
        await h.LevelAsync();
    }

    [Fact]
    public async Task RunAsync_DeletionOfUnreadableVersion_FreesTheOlderOne()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a");
        await h.StartAndWatchAsync();
        h.Server.Update(ResourceType.Pods, "default", "a", p => p["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["refuse"] = "yes" });

        h.Delete("a");
        h.Server.SendBookmark(ResourceType.Pods);
        await h.ToldAsync("-a");

        Assert.Empty(h.State);
    }

    [Fact]
    public async Task RunAsync_GarbageLineInWatch_IsSkippedAndReported()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();

        h.Server.SendRaw(ResourceType.Pods, "{\"type\":\"ADDED\",\"object\":{\"metadata\":17}}\n");
        h.Put("a");
        await h.ToldAsync("+a");

        Assert.Equal(1, h.Reflector.Counters.Unreadable);
        Assert.Equal(0, h.Reflector.Counters.WatchFailures);
    }

    [Fact]
    public async Task RunAsync_ListHoldsUnidentifiableObject_NothingIsDeletedUntilTheNextList()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a", "b");
        await h.StartAndWatchAsync();
        h.Server.Garble(ResourceType.Pods, "default", "a", _ => """{"metadata":17}""");
        await h.Reflector.RelistAsync(default);
        Assert.Equal(h.Truth, h.State);

        h.Server.Garble(ResourceType.Pods, "default", "a", json => json);
        h.Server.CutWatches(ResourceType.Pods);
        h.Delete("b");
        await h.Reflector.RelistAsync(default);

        Assert.Equal(h.Truth, h.State);
    }

    [Fact]
    public async Task RelistAsync_WhileWatching_ListsAnewAndTellsOnlyDifferences()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a", "b");
        await h.StartAndWatchAsync();
        h.Server.FreezeWatches(ResourceType.Pods);
        h.Delete("a");
        h.Put("c");

        await h.Reflector.RelistAsync(default);

        Assert.Equal(["+a", "+b", "synced", "+c", "-a", "synced"], h.Diary);
        Assert.Equal(0, h.Reflector.Counters.WatchFailures);
    }

    [Fact]
    public async Task RelistAsync_ListAlreadyUnderWay_WaitsForOneThatBeganLater()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        h.Put("a");
        var gate = h.Server.On("list", "pods").HoldBodyAfter(0);
        h.Start();
        await gate.Reached;

        var relist = h.Reflector.RelistAsync(default);
        h.Put("b");
        gate.Release();
        await relist;

        Assert.Equal(2, h.Diary.Count(line => line == "synced"));
        Assert.Equal(h.Truth, h.State);
    }

    [Fact]
    public async Task RelistAsync_ListFailsFirst_CompletesAfterTheOneThatWorks()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();
        h.Server.On("list", "pods").Answer(500);
        h.Put("a");

        var relist = h.Reflector.RelistAsync(default);
        await h.PassPauseAsync();
        await relist;

        Assert.Equal(2, h.Reflector.Counters.Lists);
    }

    [Fact]
    public async Task RunAsync_SinkIsSlow_NothingIsLost()
    {
        await using var h = await ReflectorHarness.CreateAsync();
        await h.StartAndWatchAsync();
        var hold = h.HoldUpsert = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < 50; i++) h.Put($"p{i:00}");

        h.HoldUpsert = null;
        hold.SetResult();
        await h.LevelAsync();

        Assert.Equal(50, h.Reflector.Counters.Upserts);
    }

    [Fact]
    public async Task RunAsync_WatchListOffered_NoListIsMadeAndTheWatchGoesOn()
    {
        await using var h = await ReflectorHarness.CreateAsync(o => o with { UseWatchList = true });
        h.Put("a", "b", "c");
        await h.StartAndWatchAsync();
        h.Put("d");
        await h.ToldAsync("+d");

        Assert.Equal(["+a", "+b", "+c", "synced", "+d"], h.Diary);
        Assert.DoesNotContain(h.Server.Calls, c => c.Verb == "list");
        Assert.Single(h.Server.Calls, c => c.Verb == "watch");
    }

    [Fact]
    public async Task RunAsync_WatchListRelist_DeletesWhatVanished()
    {
        await using var h = await ReflectorHarness.CreateAsync(o => o with { UseWatchList = true });
        h.Put("a", "b");
        await h.StartAndWatchAsync();
        h.Server.FreezeWatches(ResourceType.Pods);
        h.Delete("a");

        await h.Reflector.RelistAsync(default);

        Assert.Equal(["+a", "+b", "synced", "-a", "synced"], h.Diary);
    }

    [Fact]
    public async Task RunAsync_WatchListNotOffered_FallsBackToListsForGood()
    {
        await using var h = await ReflectorHarness.CreateAsync(o => o with { UseWatchList = true });
        h.Server.OffersWatchList = false;
        h.Put("a", "b", "c");
        await h.StartAndWatchAsync();
        await h.Reflector.RelistAsync(default);

        Assert.Equal(["+a", "+b", "+c", "synced", "synced"], h.Diary);
        Assert.Single(h.Server.Calls, c => c.Query.ContainsKey("sendInitialEvents"));
    }
}
