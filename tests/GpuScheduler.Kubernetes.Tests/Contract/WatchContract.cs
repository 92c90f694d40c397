using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public abstract class WatchContract : KubernetesApiContract
{
    [Fact]
    public async Task WatchAsync_ObjectLives_GivesItsEventsInOrder()
    {
        await using var watch = await WatchFromNowAsync();

        Server.Put(ResourceType.Pods, Pod("a"));
        Server.Update(ResourceType.Pods, "default", "a", p => p["spec"]!["nodeName"] = "n1");
        Server.Delete(ResourceType.Pods, "default", "a");

        var added = await NextAsync(watch);
        var modified = await NextAsync(watch);
        var deleted = await NextAsync(watch);
        Assert.Equal(
            [WatchEventType.Added, WatchEventType.Modified, WatchEventType.Deleted],
            new[] { added.Type, modified.Type, deleted.Type });
        Assert.Equal("n1", modified.Object!.NodeName);
        Assert.Equal("n1", deleted.Object!.NodeName);
        Assert.Equal(Server.ResourceVersion, deleted.Meta.ResourceVersion);
    }

    [Fact]
    public async Task WatchAsync_FromAnOlderVersion_ResumesWithoutGapOrDouble()
    {
        AddPods(2);
        var from = Server.ResourceVersion;
        Server.Put(ResourceType.Pods, Pod("missed"));
        await using var watch = Watch(new WatchOptions { ResourceVersion = from });

        Assert.Equal("missed", (await NextAsync(watch)).Meta.Name);
        Server.Put(ResourceType.Pods, Pod("live"));

        Assert.Equal("live", (await NextAsync(watch)).Meta.Name);
    }

    [Fact]
    public async Task WatchAsync_Bookmark_CarriesTheVersionOnly()
    {
        await using var watch = await WatchFromNowAsync();

        Server.Put(ResourceType.Nodes, """{"metadata":{"name":"n"}}""");
        Server.SendBookmark(ResourceType.Pods);

        var bookmark = await NextAsync(watch);
        Assert.Equal(WatchEventType.Bookmark, bookmark.Type);
        Assert.Equal(Server.ResourceVersion, bookmark.Meta.ResourceVersion);
        Assert.False(bookmark.IsInitialEventsEnd);
        Assert.False(bookmark.HasObject);
    }

    [Fact]
    public async Task WatchAsync_SendInitialEvents_GivesStateThenItsEnd()
    {
        AddPods(3);
        await using var watch = Watch(new WatchOptions { SendInitialEvents = true });

        var names = new List<string>();
        var next = await NextAsync(watch);
        for (; next.HasObject; next = await NextAsync(watch))
        {
            names.Add(next.Meta.Name);
        }

        Assert.Equal(["pod-00", "pod-01", "pod-02"], names);
        Assert.True(next.IsInitialEventsEnd);
        Assert.Equal(Server.ResourceVersion, next.Meta.ResourceVersion);
    }

    [Fact]
    public async Task WatchAsync_SendInitialEventsNotOffered_IsInvalid()
    {
        Server.OffersWatchList = false;
        await using var watch = Watch(new WatchOptions { SendInitialEvents = true });

        var failed = await NextAsync(watch);

        Assert.Equal(WatchEventType.Error, failed.Type);
        Assert.True(failed.Status.IsInvalid);
        Assert.False(await watch.MoveNextAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WatchAsync_HistoryCompacted_IsGone(bool asStatus)
    {
        AddPods(2);
        var from = Server.ResourceVersion;
        Server.Compact();
        Server.ExpiredWatchIsStatus = asStatus;
        await using var watch = Watch(new WatchOptions { ResourceVersion = from });

        var failed = await NextAsync(watch);

        Assert.Equal(WatchEventType.Error, failed.Type);
        Assert.True(failed.Status.IsGone);
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task WatchAsync_ErrorEventWhileOpen_IsTheLast()
    {
        await using var watch = await WatchFromNowAsync();

        Server.SendWatchError(ResourceType.Pods, 500, "InternalError", "etcd event received with PrevKv=nil");

        var failed = await NextAsync(watch);
        Assert.Equal((WatchEventType.Error, 500), (failed.Type, failed.Status.Code));
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task WatchAsync_ServerEndsIt_EndsPlainly()
    {
        await using var watch = await WatchFromNowAsync();

        Server.EndWatches(ResourceType.Pods);

        Assert.False(await watch.MoveNextAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"half""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"whole object, half event"}}""")]
    public async Task WatchAsync_ConnectionCut_IsLostAndGivesNoHalfEvent(string partial)
    {
        await using var watch = await WatchFromNowAsync();

        Server.CutWatches(ResourceType.Pods, partial);

        var failed = await NextAsync(watch);
        Assert.Equal(WatchEventType.Error, failed.Type);
        Assert.Equal(ApiOutcome.Lost, failed.Status.Outcome);
        Assert.False(await watch.MoveNextAsync());
    }

    [Fact]
    public async Task WatchAsync_PlainEndInTheMiddleOfALine_IsLost()
    {
        await using var watch = await WatchFromNowAsync();

        Server.SendRaw(ResourceType.Pods, """{"type":"ADDED","object":{"metadata":{""");
        Server.EndWatches(ResourceType.Pods);

        Assert.Equal(ApiOutcome.Lost, (await NextAsync(watch)).Status.Outcome);
    }

    [Theory]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"bad","namespace":"default"},"spec":nonsense}}""", "bad")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"bad","labels":{"refuse":"yes"}}}}""", "bad")]
    [InlineData("""{"type":"ADDED","object":"text"}""", "")]
    [InlineData("""{"type":"ADDED"}""", "")]
    [InlineData("}{ nonsense ][", "")]
    public async Task WatchAsync_OneGarbledEvent_IsReportedAndTheNextArrives(string garbled, string name)
    {
        var bad = new List<BadObject>();
        await using var watch = await WatchFromNowAsync(bad.Add);

        Server.SendRaw(ResourceType.Pods, garbled + "\n");
        Server.Put(ResourceType.Pods, Pod("good"));

        Assert.Equal("good", (await NextAsync(watch)).Meta.Name);
        Assert.Equal(name, Assert.Single(bad).Meta.Name);
    }

    [Fact]
    public async Task WatchAsync_UnknownEventTypeAndBlankLines_AreLeftOut()
    {
        await using var watch = await WatchFromNowAsync();

        Server.SendRaw(ResourceType.Pods, "\n\n" + """{"type":"FUTURE","object":{"metadata":{"name":"x"}}}""" + "\n\n");
        Server.Put(ResourceType.Pods, Pod("good"));

        Assert.Equal("good", (await NextAsync(watch)).Meta.Name);
    }

    [Fact]
    public async Task WatchAsync_ObjectBeforeType_IsReadAllTheSame()
    {
        await using var watch = await WatchFromNowAsync();

        Server.SendRaw(ResourceType.Pods, """{"object":{"metadata":{"name":"x"}},"type":"MODIFIED"}""" + "\n");

        var read = await NextAsync(watch);
        Assert.Equal((WatchEventType.Modified, "x"), (read.Type, read.Meta.Name));
    }

    [Fact]
    public async Task WatchAsync_DuplicateAndStaleEvents_ArePassedOnAsTheyAre()
    {
        // telling them apart needs the state, which is the reflector's
        await using var watch = await WatchFromNowAsync();
        const string Stale = """{"metadata":{"namespace":"default","name":"a","resourceVersion":"7"}}""";

        Server.SendEvent(ResourceType.Pods, "ADDED", Stale);
        Server.SendEvent(ResourceType.Pods, "ADDED", Stale);

        Assert.Equal("7", (await NextAsync(watch)).Meta.ResourceVersion);
        Assert.Equal("7", (await NextAsync(watch)).Meta.ResourceVersion);
    }

    [Fact]
    public async Task WatchAsync_EventLargerThanAnyBuffer_ArrivesWhole()
    {
        await using var watch = await WatchFromNowAsync();

        Server.Put(ResourceType.Pods, Pod("large", $$""","annotations":{"a":"{{new string('x', 1_000_000)}}"}"""));
        Server.Put(ResourceType.Pods, Pod("small"));

        Assert.Equal(1_000_000, (await NextAsync(watch)).Object!.Annotations["a"].Length);
        Assert.Equal("small", (await NextAsync(watch)).Meta.Name);
    }

    [Fact]
    public async Task WatchAsync_LeavesTheSelectorsView_IsDeleted()
    {
        Server.Put(ResourceType.Pods, Pod("a"));
        await using var watch = await OpenAsync(Watch(new WatchOptions { ResourceVersion = Server.ResourceVersion, FieldSelector = "status.phase!=Succeeded" }));

        Server.Update(ResourceType.Pods, "default", "a", p => p["status"]!["phase"] = "Succeeded");

        Assert.Equal(WatchEventType.Deleted, (await NextAsync(watch)).Type);
    }

    [Fact]
    public async Task WatchAsync_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        await using var watch = Api.WatchAsync(
            ResourceType.Pods, TestObjectReader.Instance, new WatchOptions { ResourceVersion = Server.ResourceVersion }, cancel.Token).GetAsyncEnumerator(Token);
        var next = watch.MoveNextAsync();
        await Server.WaitForWatchesAsync(ResourceType.Pods).WaitAsync(Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    [Fact]
    public async Task WatchAsync_Options_ReachTheServer()
    {
        await using var watch = await OpenAsync(Watch(new WatchOptions
        {
            ResourceVersion = Server.ResourceVersion,
            Namespace = "default",
            LabelSelector = "a=b",
            Timeout = TimeSpan.FromSeconds(300),
        }));

        var call = Assert.Single(Server.Calls);
        Assert.Equal("watch pods", call.ToString());
        Assert.Equal("default", call.Namespace);
        Assert.Equal(("true", "a=b", "300"), (call.Query["allowWatchBookmarks"], call.Query["labelSelector"], call.Query["timeoutSeconds"]));
    }
}
