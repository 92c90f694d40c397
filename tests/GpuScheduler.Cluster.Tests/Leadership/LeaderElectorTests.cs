using GpuScheduler.Cluster.Leadership;

namespace GpuScheduler.Cluster.Tests.Leadership;

public sealed class LeaderElectorTests
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(4.4);

    private static readonly Func<(TimeSpan?, TimeSpan?)> NeverArrives = () => (null, null);

    [Fact]
    public void RunAsync_NoLease_CreatesItAndLeads()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));

        Assert.True(a.IsLeading);
        Assert.Equal(0, a.Terms[0].Term);
        var lease = sim.Lease.Stored!;
        Assert.Equal(("gpu-scheduler", "gpu-scheduler-extender", "a", 15, 0), (lease.Meta.Namespace, lease.Meta.Name, lease.HolderIdentity, lease.LeaseDurationSeconds, lease.LeaseTransitions));
        Assert.Equal(lease.AcquireTime, lease.RenewTime);
    }

    [Fact]
    public void RunAsync_LeaderRenews_KeepsItsTermAndOthersWait()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var b = sim.Add("b");
        sim.Run(TimeSpan.FromMinutes(10));

        Assert.True(a.IsLeading);
        Assert.Single(a.Terms);
        Assert.Empty(b.Terms);
        Assert.Equal(["a"], b.Leaders);
        Assert.Equal("a", b.Elector.Holder);
        Assert.NotEqual(sim.Lease.Stored!.AcquireTime, sim.Lease.Stored.RenewTime);
    }

    [Fact]
    public void RunAsync_LeaderDies_AnotherTakesOverAfterTheLeaseAndNotBefore()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var b = sim.Add("b");
        sim.Run(TimeSpan.FromMinutes(1));
        a.Api.Trip = NeverArrives;

        var took = sim.RunUntil(() => b.IsLeading, TimeSpan.FromMinutes(1));

        Assert.InRange(took, LeaseDuration - TimeSpan.FromSeconds(2), LeaseDuration + (2 * LongestPause));
        Assert.Equal(1, b.Terms[0].Term);
    }

    [Fact]
    public void RunAsync_RenewalsFail_StepsDownOneDeadlineAfterTheLastOneBegan()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(7));
        a.Api.Trip = NeverArrives;
        var renewed = sim.Lease.Stored!.RenewTime!.Value;

        sim.RunUntil(() => !a.IsLeading, TimeSpan.FromMinutes(1));

        Assert.InRange(sim.Truth.GetUtcNow() - renewed, RenewDeadline - TimeSpan.FromMilliseconds(1), RenewDeadline);
        Assert.True(a.Terms[0].Ended.IsCancellationRequested);
        Assert.Equal(1, a.Stops);
        Assert.Equal(TimeSpan.Zero, a.Terms[0].Remaining);
    }

    [Fact]
    public void RunAsync_ServerIsBackAfterTheDeadline_TakesItsOwnLeaseAgainInANewTerm()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(7));
        var trip = a.Api.Trip;
        a.Api.Trip = NeverArrives;
        sim.RunUntil(() => !a.IsLeading, TimeSpan.FromMinutes(1));
        a.Api.Trip = trip;

        var took = sim.RunUntil(() => a.IsLeading, TimeSpan.FromMinutes(1));

        Assert.InRange(took, TimeSpan.Zero, RenewDeadline);
        Assert.Equal([0, 1], a.Terms.Select(t => t.Term));
    }

    [Fact]
    public void RunAsync_OneCallHangs_DoesNotCostTheTerm()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(7));
        var trip = a.Api.Trip;
        var hung = false;
        a.Api.Trip = () => hung ? trip() : (hung = true) switch { _ => (null, null) };

        sim.Run(TimeSpan.FromMinutes(1));

        Assert.True(hung);
        Assert.True(a.IsLeading);
        Assert.Single(a.Terms);
    }

    [Fact]
    public void RunAsync_AnswerOfTheTakeOverIsLost_NextAttemptFindsItsOwnMark()
    {
        using var sim = new Simulation();
        var a = new Candidate(sim.Lease, "a", 1);
        var trip = a.Api.Trip;
        a.Api.Trip = () => a.Api.Calls.Count == 2 ? (TimeSpan.Zero, null) : trip();
        sim.Candidates.Add(a);
        a.Start();

        var took = sim.RunUntil(() => a.IsLeading, TimeSpan.FromMinutes(1));

        Assert.Equal(["get", "create", "get", "update"], a.Api.Calls);
        Assert.InRange(took, TimeSpan.Zero, RenewDeadline);
        Assert.Equal(1, a.Terms[0].Term);
    }

    [Fact]
    public void RunAsync_AnswerComesAfterTheDeadline_DoesNotLead()
    {
        using var sim = new Simulation();
        var a = new Candidate(sim.Lease, "a", 1);
        a.Api.Trip = () => (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));
        sim.Candidates.Add(a);
        a.Start();

        sim.Run(TimeSpan.FromMinutes(3));

        Assert.Empty(a.Terms);
    }

    [Theory]
    [InlineData(-86400)]
    [InlineData(3600)]
    public void RunAsync_CandidatesClockShowsAnotherTime_ChangesNothing(int offsetSeconds)
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var b = sim.Add("b", TimeSpan.FromSeconds(offsetSeconds));
        sim.Run(TimeSpan.FromMinutes(5));
        Assert.True(a.IsLeading);

        a.Api.Trip = NeverArrives;
        var took = sim.RunUntil(() => b.IsLeading, TimeSpan.FromMinutes(1));

        Assert.InRange(took, LeaseDuration - TimeSpan.FromSeconds(2), LeaseDuration + (2 * LongestPause));
    }

    [Fact]
    public void RunAsync_LeaseDeleted_HolderMakesItAnewAndNobodyElseTakesIt()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var b = sim.Add("b");
        sim.Run(TimeSpan.FromMinutes(1));

        sim.Lease.Delete();
        sim.Run(TimeSpan.FromMinutes(1));

        Assert.True(a.IsLeading);
        Assert.Single(a.Terms);
        Assert.Equal("a", sim.Lease.Stored!.HolderIdentity);
        Assert.Empty(b.Terms);
    }

    [Fact]
    public void RunAsync_LeaseDeletedAndHolderDead_AnotherWaitsOutTheTermItSaw()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var b = sim.Add("b");
        sim.Run(TimeSpan.FromMinutes(1));

        a.Api.Trip = NeverArrives;
        sim.Lease.Delete();
        var took = sim.RunUntil(() => b.IsLeading, TimeSpan.FromMinutes(1));

        Assert.InRange(took, LeaseDuration - TimeSpan.FromSeconds(2), LeaseDuration + (3 * LongestPause));
        Assert.Equal(1, b.Terms[0].Term);
    }

    [Fact]
    public void RunAsync_LeaseGivenToAnother_LeaderStepsDownAtItsNextRenewal()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));

        sim.Lease.Edit(lease => lease with { HolderIdentity = "ghost" });
        var took = sim.RunUntil(() => !a.IsLeading, TimeSpan.FromMinutes(1));

        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(2.1));
        Assert.Equal("ghost", sim.Lease.Stored!.HolderIdentity);
        var back = sim.RunUntil(() => a.IsLeading, TimeSpan.FromMinutes(1));
        Assert.InRange(back, LeaseDuration, LeaseDuration + (2 * LongestPause));
        Assert.Equal([0, 1], a.Terms.Select(t => t.Term));
    }

    [Fact]
    public void RunAsync_LeaseGivenToACandidateByHand_ThatOneWaitsUntilTheOldTermIsOver()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        sim.Add("b");
        sim.Run(TimeSpan.FromSeconds(10));

        sim.Lease.Edit(lease => lease with { HolderIdentity = "b" });
        sim.RunUntil(() => sim.Leader is null, TimeSpan.FromSeconds(2.1));
        var gap = sim.RunUntil(() => sim.Leader is not null, TimeSpan.FromMinutes(1));

        Assert.Equal(1, a.Stops);
        Assert.InRange(gap, LeaseDuration - LongestPause, LeaseDuration + (2 * LongestPause));
    }

    [Fact]
    public void RunAsync_HolderErasedByHand_NobodyLeadsUntilTheOldTermIsOver()
    {
        using var sim = new Simulation();
        sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        sim.Add("b");
        sim.Run(TimeSpan.FromSeconds(10));

        sim.Lease.Edit(lease => lease with { HolderIdentity = "" });

        sim.RunUntil(() => sim.Leader is null, TimeSpan.FromMinutes(1));
        sim.RunUntil(() => sim.Leader is not null, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    public void RunAsync_DurationEditedByHand_TermGoesOn(int seconds)
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var b = sim.Add("b");
        sim.Run(TimeSpan.FromSeconds(10));

        sim.Lease.Edit(lease => lease with { LeaseDurationSeconds = seconds });
        sim.Run(TimeSpan.FromMinutes(1));

        Assert.Single(a.Terms);
        Assert.True(a.IsLeading);
        Assert.Empty(b.Terms);
        Assert.Equal(15, sim.Lease.Stored!.LeaseDurationSeconds);
    }

    [Fact]
    public void RunAsync_LeaseAnnotatedByHand_TermGoesOnAndTheAnnotationStays()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));

        sim.Lease.Edit(lease => lease with { Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["note"] = "x" } });
        sim.Run(TimeSpan.FromMinutes(1));

        Assert.Single(a.Terms);
        Assert.True(a.IsLeading);
        Assert.Equal("x", sim.Lease.Stored!.Annotations["note"]);
    }

    [Fact]
    public void RunAsync_Cancelled_ReleasesTheLeaseAndTheNextTakesItAtOnce()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var b = sim.Add("b");
        sim.Run(TimeSpan.FromSeconds(30));

        a.Stop();
        Assert.False(a.IsLeading);
        sim.RunUntil(() => a.Running.IsCanceled, TimeSpan.FromSeconds(1));
        var free = sim.Lease.Stored!;
        var took = sim.RunUntil(() => b.IsLeading, TimeSpan.FromMinutes(1));

        Assert.Equal(("", 1, 0), (free.HolderIdentity, free.LeaseDurationSeconds, free.LeaseTransitions));
        Assert.InRange(took, TimeSpan.Zero, LongestPause + TimeSpan.FromSeconds(1));
        Assert.Equal(1, b.Terms[0].Term);
        Assert.Equal(1, a.Stops);
    }

    [Fact]
    public void RunAsync_CancelledDuringARenewal_ReleasesAllTheSame()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        a.Api.Trip = () => (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        var before = a.Api.Calls.Count;
        sim.RunUntil(() => a.Api.Calls.Count > before, TimeSpan.FromSeconds(10));

        a.Stop();
        sim.RunUntil(() => a.Running.IsCanceled, TimeSpan.FromSeconds(10));

        Assert.Equal("", sim.Lease.Stored!.HolderIdentity);
    }

    [Fact]
    public void RunAsync_CancelledWithWorkUnderWay_ReleasesOnlyAfterIt()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var drain = new TaskCompletionSource();
        a.Drain = drain.Task;

        a.Stop();
        sim.Run(TimeSpan.FromSeconds(3));
        var during = sim.Lease.Stored!.HolderIdentity;
        drain.SetResult();
        sim.RunUntil(() => a.Running.IsCanceled, TimeSpan.FromSeconds(1));

        Assert.Equal("a", during);
        Assert.Equal("", sim.Lease.Stored!.HolderIdentity);
    }

    [Fact]
    public void RunAsync_CancelledWithWorkThatDoesNotEnd_LeavesTheLeaseToRunOut()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        a.Drain = new TaskCompletionSource().Task;

        a.Stop();
        var took = sim.RunUntil(() => a.Running.IsCanceled, TimeSpan.FromMinutes(1));

        Assert.InRange(took, TimeSpan.Zero, LeaseDuration);
        Assert.Equal("a", sim.Lease.Stored!.HolderIdentity);
    }

    [Fact]
    public void RunAsync_CancelledWhenTheLeaseIsAnothersAlready_LeavesItAlone()
    {
        using var sim = new Simulation();
        var a = sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        sim.Lease.Edit(lease => lease with { HolderIdentity = "ghost" });

        a.Stop();
        sim.RunUntil(() => a.Running.IsCanceled, TimeSpan.FromSeconds(15));

        Assert.Equal("ghost", sim.Lease.Stored!.HolderIdentity);
    }

    [Fact]
    public void RunAsync_CancelledAsFollower_TouchesNothing()
    {
        using var sim = new Simulation();
        sim.Add("a");
        sim.Run(TimeSpan.FromSeconds(1));
        var b = sim.Add("b");
        sim.Run(TimeSpan.FromSeconds(10));

        b.Stop();
        sim.Run(TimeSpan.FromSeconds(10));

        Assert.True(b.Running.IsCanceled);
        Assert.Equal(["get"], b.Api.Calls.Distinct(StringComparer.Ordinal));
        Assert.Equal(0, b.Stops);
    }

    [Fact]
    public void IsLeading_ProcessWasStopped_IsOverWithoutAnyTimerHavingFired()
    {
        using var sim = new Simulation();
        var clock = new SkewedTime(sim.Truth, TimeSpan.Zero, 1) { IsFrozen = true };
        var term = new LeaderTerm(3, clock.GetTimestamp() + RenewDeadline.Ticks, clock);

        sim.Truth.Advance(RenewDeadline - TimeSpan.FromTicks(1));
        Assert.True(term.IsLeading);
        sim.Truth.Advance(TimeSpan.FromTicks(1));

        Assert.False(term.IsLeading);
        Assert.False(term.Ended.IsCancellationRequested);
        Assert.False(term.TryExtend(clock.GetTimestamp() + RenewDeadline.Ticks));
    }
}
