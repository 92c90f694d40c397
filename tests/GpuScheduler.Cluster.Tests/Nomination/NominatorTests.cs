using GpuScheduler.Cluster.Nomination;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Tests.Nomination;

public sealed class NominatorTests : IAsyncLifetime
{
    private NominationHarness _cluster = null!;

    public async Task InitializeAsync() => _cluster = await NominationHarness.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task RunOnce_MoreWaitThanFit_NominatesByPriorityThenAge()
    {
        await _cluster.NodeAsync("n1", 3);
        _cluster.Pod("d-old");
        _cluster.Pod("c-young");
        _cluster.Pod("b-urgent", priority: 10);
        _cluster.Pod("a-youngest");

        await _cluster.RoundAsync();

        Assert.Equal("b-urgent=n1 c-young=n1 d-old=n1", _cluster.Nominations());
        Assert.Equal(3, _cluster.Writes);
    }

    [Fact]
    public async Task RunOnce_PodsOfOneSecond_AreTakenInTheOrderInWhichTheyCame()
    {
        await _cluster.NodeAsync("n1", 2);
        _cluster.Pod("c");
        _cluster.Pod("a", after: 0);
        _cluster.Pod("b", after: 0);

        await _cluster.RoundAsync();

        Assert.Equal("a=n1 c=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_WhileItWrites_FilterIsKeptBehind()
    {
        await _cluster.LargeClusterAsync();
        _cluster.Pods(10);
        await _cluster.DeliverAsync();
        Assert.True(_cluster.Pace.WaitAsync(default).IsCompleted);

        await _cluster.NominateAsync();
        var isHeld = !_cluster.Pace.WaitAsync(default).IsCompleted;
        await _cluster.RoundAsync();

        Assert.True(isHeld);
        Assert.True(_cluster.Pace.WaitAsync(default).IsCompleted);
    }

    [Fact]
    public async Task RunOnce_OwnLimitAllowsFewWrites_FilterIsNotKeptBehind()
    {
        await using var cluster = await NominationHarness.StartAsync(new NominationOptions { MinWaiting = 4, WritesPerSecond = 3 });
        await cluster.LargeClusterAsync();
        cluster.Pods(10);
        await cluster.DeliverAsync();

        await cluster.NominateAsync();

        Assert.Equal(3, cluster.Writes);
        Assert.True(cluster.Pace.WaitAsync(default).IsCompleted);
    }

    [Fact]
    public async Task RunOnce_GateShutsWhileItWrites_FilterIsLetGo()
    {
        await _cluster.LargeClusterAsync();
        _cluster.Pods(10);
        await _cluster.DeliverAsync();
        await _cluster.NominateAsync();

        _cluster.Refusal = "another leads";
        await _cluster.NominateAsync();

        Assert.True(_cluster.Pace.WaitAsync(default).IsCompleted);
    }

    [Fact]
    public async Task RunOnce_PodsOfTheQueue_AreSpreadAsIfEachWerePlaced()
    {
        await _cluster.NodeAsync("n1", 2);
        await _cluster.NodeAsync("n2", 4);
        _cluster.Pod("a", gpus: 3);
        _cluster.Pod("b");
        _cluster.Pod("c");
        _cluster.Pod("d");

        await _cluster.RoundAsync();

        // PackGpus prefers the node that is fuller afterwards.
        Assert.Equal("a=n2 b=n2 c=n1 d=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_FewerThanTheThresholdHaveAPlace_WritesNothing()
    {
        await using var cluster = await NominationHarness.StartAsync(new NominationOptions { MinWaiting = 4 });
        await cluster.NodeAsync("n1", 3);
        cluster.Pods(10);
        await cluster.RoundAsync();
        Assert.Equal(0, cluster.Writes);

        await cluster.NodeAsync("n2", 1);
        await cluster.RoundAsync();

        Assert.Equal(4, cluster.Writes);
    }

    [Fact]
    public async Task RunOnce_PodThatWaitsLongBesideAFreePlace_IsNominatedAlone()
    {
        await using var cluster = await NominationHarness.StartAsync(new NominationOptions { MinWaiting = 4, LoneAfter = TimeSpan.FromSeconds(10) });
        await cluster.NodeAsync("n1", 1);
        cluster.Pod("lone");
        await cluster.RoundAsync();
        cluster.Time.Advance(TimeSpan.FromSeconds(10));
        await cluster.RoundAsync();
        Assert.Equal(0, cluster.Writes);

        cluster.Time.Advance(TimeSpan.FromSeconds(1));
        await cluster.RoundAsync();

        Assert.Equal("lone=n1", cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_LongQueue_IsNominatedFromItsHeadAPartAtATime()
    {
        for (var node = 0; node < 40; node++) await _cluster.NodeAsync($"n{node:d2}", 8);
        for (var pod = 0; pod < 300; pod++) _cluster.Pod($"p{pod:d3}");

        await _cluster.DeliverAsync();
        Assert.True(await _cluster.Nominator.RunOnceAsync(default));
        var first = _cluster.Nominations().Split(' ').Select(nomination => nomination[..4]).ToArray();
        await _cluster.RoundAsync();
        await _cluster.RoundAsync();

        Assert.Equal(Enumerable.Range(0, first.Length).Select(pod => $"p{pod:d3}"), first);
        Assert.InRange(first.Length, 1, 299);
        var nodes = _cluster.Nominations().Split(' ').Select(nomination => nomination.Split('=')[1]).GroupBy(node => node).ToArray();
        Assert.Equal(300, nodes.Sum(node => node.Count()));
        Assert.All(nodes, node => Assert.InRange(node.Count(), 1, 8));
    }

    [Theory]
    [InlineData("default-scheduler", "")]
    [InlineData("gpu-scheduler", """ "nodeSelector":{"a":"b"}, """)]
    [InlineData("gpu-scheduler", """ "schedulingGates":[{"name":"quota"}], """)]
    [InlineData("gpu-scheduler", """ "schedulingGroup":{"podGroupName":"gang"}, """)]
    public async Task RunOnce_PodThatIsNotOursToDecide_IsLeftAlone(string scheduler, string spec)
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pod("other", scheduler: scheduler, spec: spec);
        _cluster.Pod("ours");

        await _cluster.RoundAsync();

        Assert.Equal("ours=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_NominationOfAnother_StaysAndCountsAgainstItsNode()
    {
        await _cluster.NodeAsync("n1", 1);
        await _cluster.NodeAsync("n2", 1);
        _cluster.Pod("a");
        _cluster.Pod("b");
        _cluster.Pod("c");
        _cluster.Overrule("c", "n1");

        await _cluster.RoundAsync();

        Assert.Equal("a=n2 c=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_NominatedByAnotherBeforeTheWatchTells_IsNotOverwritten()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(2);
        await _cluster.DeliverAsync();
        _cluster.Overrule("p00", "n2");

        await _cluster.NominateAsync();

        Assert.Equal("p00=n2 p01=n1", _cluster.Nominations());
        Assert.Equal((1, 1, 0), (_cluster.Nominator.Counters.Nominated, _cluster.Nominator.Counters.Conflicts, _cluster.Nominator.Counters.Failed));
    }

    [Fact]
    public async Task RunOnce_OverruledByPreemption_LeavesTheNewNomination()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        _cluster.Overrule("p00", "n2");

        await _cluster.RoundAsync();
        _cluster.Time.Advance(TimeSpan.FromMinutes(5));
        await _cluster.RoundAsync();

        Assert.Equal("p00=n2", _cluster.Nominations());
        Assert.Equal((1, 0), (_cluster.Nominator.Counters.Overruled, _cluster.Nominator.Counters.Standing));
    }

    [Fact]
    public async Task RunOnce_NominationTakenAwayByTheScheduler_IsNotRenewedAtOnce()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        _cluster.Overrule("p00", null);

        await _cluster.RoundAsync();
        Assert.Equal("", _cluster.Nominations());

        _cluster.Time.Advance(TimeSpan.FromSeconds(31));
        await _cluster.RoundAsync();
        Assert.Equal("p00=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_WatchHasNotShownTheWriteYet_WritesNothingMore()
    {
        await _cluster.NodeAsync("n1", 1);
        _cluster.Pods(2);
        await _cluster.DeliverAsync();
        await _cluster.NominateAsync();

        await _cluster.NodeAsync("n2", 1);
        await _cluster.NominateAsync();

        Assert.Equal("p00=n1 p01=n2", _cluster.Nominations());
        Assert.Equal((2, 0), (_cluster.Writes, _cluster.Nominator.Counters.Conflicts));
    }

    [Fact]
    public async Task RunOnce_NodeGone_MovesTheNomination()
    {
        await _cluster.NodeAsync("n1", 2);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        await _cluster.NodeAsync("n2", 8);
        await _cluster.RemoveNodeAsync("n1");

        await _cluster.RoundAsync();

        Assert.Equal("p00=n2", _cluster.Nominations());
        Assert.Equal(1, _cluster.Nominator.Counters.Moved);
    }

    [Fact]
    public async Task RunOnce_NoRoomAnywhereAnyMore_WithdrawsAndNominatesAnewLater()
    {
        await _cluster.NodeAsync("n1", 2);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        await _cluster.RemoveNodeAsync("n1");
        await _cluster.RoundAsync();
        Assert.Equal("", _cluster.Nominations());
        Assert.Equal(1, _cluster.Nominator.Counters.Withdrawn);

        await _cluster.NodeAsync("n2", 2);
        await _cluster.RoundAsync();

        Assert.Equal("p00=n2", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_PlaceTakenByAnotherPod_MovesTheNomination()
    {
        await _cluster.NodeAsync("n1", 1);
        await _cluster.NodeAsync("n2", 8);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        Assert.Equal("p00=n1", _cluster.Nominations());
        _cluster.Pod("other", scheduler: "default-scheduler");
        _cluster.Bind("other", "n1");

        await _cluster.RoundAsync();

        Assert.Equal("p00=n2", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_PodOfHigherPriorityComes_TakesThePlaceAndMovesTheLower()
    {
        await _cluster.NodeAsync("n1", 2);
        await _cluster.NodeAsync("n2", 1);
        _cluster.Pod("low");
        await _cluster.RoundAsync();
        Assert.Equal("low=n2", _cluster.Nominations());
        _cluster.Pod("high", priority: 5);

        await _cluster.RoundAsync();

        Assert.Equal("high=n2 low=n1", _cluster.Nominations());
        Assert.Equal(3, _cluster.Writes);
    }

    [Fact]
    public async Task RunOnce_YoungerPodsOfTheSamePriority_LeaveStandingNominationsAlone()
    {
        await _cluster.NodeAsync("n1", 4);
        _cluster.Pods(3);
        await _cluster.RoundAsync();
        _cluster.Pod("a-late");
        _cluster.Pod("b-late");

        await _cluster.RoundAsync();

        Assert.Equal("a-late=n1 p00=n1 p01=n1 p02=n1", _cluster.Nominations());
        Assert.Equal(4, _cluster.Writes);
    }

    [Fact]
    public async Task RunOnce_PodLands_ItsPlaceIsCountedOnce()
    {
        await _cluster.NodeAsync("n1", 2);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        _cluster.Bind("p00", "n1");
        _cluster.Pod("next");

        await _cluster.RoundAsync();
        await _cluster.RoundAsync();

        Assert.Equal("next=n1", _cluster.Nominations());
        Assert.Equal(1, _cluster.Nominator.Counters.Standing);
    }

    [Fact]
    public async Task RunOnce_PodLandsElsewhere_ItsPlaceIsFree()
    {
        await _cluster.NodeAsync("n1", 1);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        await _cluster.NodeAsync("n2", 1);
        _cluster.Bind("p00", "n2");
        _cluster.Pod("next");

        await _cluster.RoundAsync();

        Assert.Equal("next=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_PodDeleted_ItsPlaceIsFree()
    {
        await _cluster.NodeAsync("n1", 1);
        _cluster.Pods(2);
        await _cluster.RoundAsync();
        Assert.Equal("p00=n1", _cluster.Nominations());
        _cluster.Delete("p00");

        await _cluster.RoundAsync();

        Assert.Equal("p01=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_BindBeginsAndFails_TheNominationIsStillOurs()
    {
        await _cluster.NodeAsync("n1", 1);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        var pod = (await _cluster.Pump.AskAsync(ledger => ledger.FindPod("default", "p00"), default))!;
        await _cluster.Pump.AssumeAsync(pod, "n1", default);
        await _cluster.NominateAsync();
        await _cluster.Pump.PostAsync(ClusterChange.PodForgotten(pod.Uid));
        await _cluster.RemoveNodeAsync("n1");
        await _cluster.NodeAsync("n2", 1);

        await _cluster.RoundAsync();

        Assert.Equal("p00=n2", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_AfterARestart_LeavesFormerNominationsAlone()
    {
        await _cluster.NodeAsync("n1", 2);
        _cluster.Pods(1);
        await _cluster.RoundAsync();
        _cluster.Restart();
        await _cluster.RemoveNodeAsync("n1");
        await _cluster.NodeAsync("n2", 8);
        _cluster.Pod("next");

        await _cluster.RoundAsync();

        Assert.Equal("next=n2 p00=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_NotLeading_WritesNothing()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(2);
        _cluster.Refusal = "another replica leads";
        await _cluster.RoundAsync();
        Assert.Equal(0, _cluster.Writes);

        _cluster.Refusal = null;
        await _cluster.RoundAsync();
        Assert.Equal(2, _cluster.Writes);
    }

    [Fact]
    public async Task RunOnce_LeadershipEndsMeanwhile_StopsWriting()
    {
        await _cluster.NodeAsync("n1", 100);
        _cluster.Pods(60);
        await _cluster.DeliverAsync();
        var gate = _cluster.Server.On("patch", "pods/status").Always().HoldBefore();
        var nominating = _cluster.NominateAsync();
        await gate.Reached;
        _cluster.Refusal = "another replica leads";
        gate.Release();

        Assert.False(await nominating);
        Assert.InRange(_cluster.Writes, 1, 16);
        Assert.Equal(_cluster.Writes, _cluster.Nominator.Counters.Nominated);
    }

    [Fact]
    public async Task RunOnce_ManyWait_WritesNoFasterThanAllowed()
    {
        await using var cluster = await NominationHarness.StartAsync(new NominationOptions { WritesPerSecond = 5 });
        await cluster.NodeAsync("n1", 20);
        cluster.Pods(12);
        await cluster.RoundAsync();
        await cluster.RoundAsync();
        Assert.Equal(5, cluster.Writes);

        cluster.Time.Advance(TimeSpan.FromSeconds(0.4));
        await cluster.RoundAsync();
        Assert.Equal(7, cluster.Writes);

        cluster.Time.Advance(TimeSpan.FromSeconds(10));
        await cluster.RoundAsync();
        Assert.Equal(12, cluster.Writes);
    }

    [Fact]
    public async Task RunOnce_NothingChanged_PlansNothing()
    {
        await _cluster.NodeAsync("n1", 2);
        _cluster.Pods(3);
        await _cluster.RoundAsync();
        await _cluster.NominateAsync();
        var plans = _cluster.Nominator.Counters.Plans;

        await _cluster.NominateAsync();

        Assert.Equal(plans, _cluster.Nominator.Counters.Plans);
    }

    [Fact]
    public async Task RunOnce_PodDeletedBeforeTheWatchTells_TheOthersAreNominated()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(3);
        await _cluster.DeliverAsync();
        _cluster.Delete("p01");

        await _cluster.NominateAsync();
        await _cluster.RoundAsync();

        Assert.Equal("p00=n1 p02=n1", _cluster.Nominations());
        Assert.Equal((3, 1), (_cluster.Writes, _cluster.Nominator.Counters.Conflicts));
    }

    [Fact]
    public async Task RunOnce_ServerFails_PausesBelievesForAWhileAndTriesAgain()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(1);
        _cluster.Server.On("patch", "pods/status").Answer(500);
        await _cluster.RoundAsync();
        await _cluster.RoundAsync();
        Assert.Equal((1, 1), (_cluster.Writes, _cluster.Nominator.Counters.Failed));

        _cluster.Time.Advance(TimeSpan.FromSeconds(6));
        await _cluster.RoundAsync();

        Assert.Equal("p00=n1", _cluster.Nominations());
        Assert.Equal(2, _cluster.Writes);
    }

    [Fact]
    public async Task RunOnce_ServerFailsAfterItWrote_TheNominationIsOurs()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(1);
        _cluster.Server.On("patch", "pods/status").ApplyThenAnswer(504, "Timeout", "etcd timed out");
        await _cluster.RoundAsync();
        await _cluster.RemoveNodeAsync("n1");
        await _cluster.NodeAsync("n2", 8);
        _cluster.Time.Advance(TimeSpan.FromSeconds(2));

        await _cluster.RoundAsync();

        Assert.Equal("p00=n2", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_ServerIsBusy_WaitsAsLongAsItSays()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(1);
        _cluster.Server.On("patch", "pods/status").Answer(429, "TooManyRequests", "later", retryAfterSeconds: 7);
        await _cluster.RoundAsync();
        _cluster.Time.Advance(TimeSpan.FromSeconds(6.9));
        await _cluster.RoundAsync();
        Assert.Equal(1, _cluster.Writes);

        _cluster.Time.Advance(TimeSpan.FromSeconds(0.2));
        await _cluster.RoundAsync();

        Assert.Equal("p00=n1", _cluster.Nominations());
    }

    [Fact]
    public async Task RunOnce_NotAllowedTo_DoesNotHammerTheServer()
    {
        await _cluster.NodeAsync("n1", 100);
        _cluster.Pods(60);
        _cluster.Server.On("patch", "pods/status").Always().Answer(403, "Forbidden", "no such right");
        await _cluster.RoundAsync();
        _cluster.Time.Advance(TimeSpan.FromSeconds(59));
        await _cluster.RoundAsync();

        Assert.InRange(_cluster.Writes, 1, 16);
    }

    [Fact]
    public async Task RunAsync_PodsCome_NominatesUntilStopped()
    {
        await _cluster.NodeAsync("n1", 8);
        _cluster.Pods(4);
        await _cluster.DeliverAsync();
        using var stop = new CancellationTokenSource();

        var running = _cluster.Nominator.RunAsync(stop.Token);
        await _cluster.Server.WaitForCallsAsync("patch", "pods/status", 4);
        await _cluster.Time.WaitForTimersAsync();
        _cluster.Pod("late");
        await _cluster.DeliverAsync();
        _cluster.Time.AdvanceToNextTimer();
        await _cluster.Server.WaitForCallsAsync("patch", "pods/status", 5);
        await _cluster.Time.WaitForTimersAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.Equal("late=n1 p00=n1 p01=n1 p02=n1 p03=n1", _cluster.Nominations());
    }

    [Theory]
    [InlineData(1, 20, false)]
    [InlineData(1, 23, false)]
    [InlineData(1, 24, true)]
    [InlineData(1, 36, true)]
    [InlineData(2, 0, true)]
    [InlineData(0, 0, false)]
    public void IsHeededBy_Version_IsSoFrom124(int major, int minor, bool expected) =>
        Assert.Equal(expected, Nominator.IsHeededBy(new ServerInfo("", major, minor, new HashSet<string>())));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task AnyHistory_OfPodsNodesAndOtherHands_NeverNominatesBeyondWhatIsFree(int seed)
    {
        var history = new NominationHistory(seed, _cluster);
        for (var step = 0; step < 60; step++)
        {
            await history.StepAsync();
            _cluster.Time.Advance(TimeSpan.FromSeconds(3));
            await _cluster.RoundAsync();
            await _cluster.RoundAsync();
            history.AssertWithinCapacity($"seed {seed}, step {step}");
        }

        Assert.True(_cluster.Nominator.Counters is { Nominated: > 20, Conflicts: 0, Failed: 0 }, _cluster.Nominator.Counters.ToString());
    }
}
