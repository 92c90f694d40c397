using System.Text.Json;
using GpuScheduler.EndToEndTests.Harness;

namespace GpuScheduler.EndToEndTests;

/// <summary>A real kube-scheduler places pods through all our verbs, on a real API server, with the rights we ship.</summary>
public sealed class RealSchedulerTests : IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("KUBE_ASSETS") is { Length: > 0 }) _cluster = await TestCluster.StartAsync(ControlPlane.RequireAssets());
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [SkippableFact]
    public async Task TwoThousandPods_OnFiveHundredNodes_AreAllBoundAndNothingIsOverCommitted()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateNodesAsync(500, gpus: 8);
        var instance = _cluster.StartInstance("one");
        await instance.WaitUntilReadyAsync();

        await _cluster.CreatePodsAsync("p", 2000, i => i % 4 == 0 ? Share(300 + (i % 500)) : Whole(1 + (i % 3)));
        await _cluster.WaitForBoundAsync(2000, TimeSpan.FromMinutes(5));

        await _cluster.AssertNothingOverCommittedAsync();
        await TestCluster.AssertNoDriftAsync(instance);
    }

    [SkippableFact]
    public async Task KillMinusNine_InTheMiddleOfABurst_BindsEveryPodOnce()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateNodesAsync(50, gpus: 8);
        var first = _cluster.StartInstance("first");
        await first.WaitUntilReadyAsync();

        await _cluster.CreatePodsAsync("p", 300, _ => Whole(1));
        await Eventually.HoldsAsync("some pods are bound", TimeSpan.FromMinutes(4), async () => (await _cluster.PodsAsync()).Count(pod => pod.NodeName is not null) > 20);
        await first.KillAsync();
        var second = _cluster.StartInstance("second");
        await _cluster.WaitForBoundAsync(300, TimeSpan.FromMinutes(4));

        await _cluster.AssertNothingOverCommittedAsync();
        await TestCluster.AssertNoDriftAsync(second);
    }

    [SkippableFact]
    public async Task LeaderKilled_StandbyTakesOver_AndBindsEveryPodOnce()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateNodesAsync(50, gpus: 8);
        var first = _cluster.StartInstance("first", replicated: true);
        await first.WaitUntilReadyAsync();
        var second = _cluster.StartInstance("second", replicated: true);
        await Eventually.HoldsAsync("the standby answers", TimeSpan.FromSeconds(60), async () => (await second.ReadinessAsync()).Contains("lead", StringComparison.Ordinal));
        Assert.False(await second.IsReadyAsync(), "a follower must not be ready");

        await _cluster.CreatePodsAsync("p", 300, _ => Whole(1));
        await Eventually.HoldsAsync("some pods are bound", TimeSpan.FromMinutes(4), async () => (await _cluster.PodsAsync()).Count(pod => pod.NodeName is not null) > 20);
        await first.KillAsync();
        await second.WaitUntilReadyAsync();
        await _cluster.WaitForBoundAsync(300, TimeSpan.FromMinutes(4));

        await _cluster.AssertNothingOverCommittedAsync();
        await TestCluster.AssertNoDriftAsync(second);
    }

    [SkippableFact]
    public async Task ApiServerKilledAndHistoryCompacted_TheServiceRelistsAndGoesOn()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateNodesAsync(20, gpus: 8);
        var instance = _cluster.StartInstance("one");
        await instance.WaitUntilReadyAsync();
        await _cluster.CreatePodsAsync("before", 40, _ => Whole(1));
        await _cluster.WaitForBoundAsync(40, TimeSpan.FromMinutes(4));

        await _cluster.Plane.CompactAsync();
        await _cluster.Plane.KillApiServerAsync();
        await _cluster.Plane.StartApiServerAsync();
        await _cluster.Plane.DeleteAsync("/api/v1/namespaces/default/pods/before0?gracePeriodSeconds=0");
        await _cluster.CreatePodsAsync("after", 121, _ => Whole(1));

        // 160 GPUs, of which 39 are taken by the first pods: the last of these fits only on the one that was freed.
        await _cluster.WaitForBoundAsync(160, TimeSpan.FromMinutes(3));
        await _cluster.AssertNothingOverCommittedAsync();
        await TestCluster.AssertNoDriftAsync(instance);
    }

    [SkippableFact]
    public async Task PodThatCannotBePlaced_HasOurReasonInItsConditionAndEvents()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateNodesAsync(3, gpus: 1);
        var instance = _cluster.StartInstance("one");
        await instance.WaitUntilReadyAsync();
        await _cluster.CreatePodsAsync("share", 3, _ => Share(700));
        await _cluster.WaitForBoundAsync(3, TimeSpan.FromMinutes(4));

        // kube-scheduler's own count still has 300 milli on every node: only we know that no one GPU has 400 left.
        await _cluster.CreatePodsAsync("late", 1, _ => Whole(1));

        const string Reason = "Insufficient nvidia.com/gpu (some GPUs are partly used by pods that share them)";
        var condition = await Eventually.GetAsync("the pod's condition gives our reason", TimeSpan.FromMinutes(1), async () =>
        {
            var pod = await _cluster.Plane.GetAsync("/api/v1/namespaces/default/pods/late0");
            return pod.GetProperty("status").TryGetProperty("conditions", out var conditions)
                ? conditions.EnumerateArray().Select(item => item.GetProperty("message").GetString()).FirstOrDefault(text => text!.Contains(Reason, StringComparison.Ordinal))
                : null;
        });
        Assert.Contains("0/3 nodes are available", condition, StringComparison.Ordinal);
        await Eventually.HoldsAsync("an event gives our reason", TimeSpan.FromMinutes(1), async () =>
        {
            var events = await _cluster.Plane.GetAsync("/api/v1/namespaces/default/events");
            return events.GetProperty("items").EnumerateArray().Any(item => (Text(item, "message") ?? "").Contains(Reason, StringComparison.Ordinal));
        });
    }

    [SkippableFact]
    public async Task BoundPod_HasAnEventThatNamesItsGpus()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateNodesAsync(1, gpus: 8);
        var instance = _cluster.StartInstance("one");
        await instance.WaitUntilReadyAsync();

        await _cluster.CreatePodsAsync("p", 1, _ => Whole(2));
        await _cluster.WaitForBoundAsync(1, TimeSpan.FromMinutes(4));

        await Eventually.HoldsAsync("an event names the GPUs", TimeSpan.FromMinutes(1), async () =>
        {
            var events = await _cluster.Plane.GetAsync("/api/v1/namespaces/default/events");
            return events.GetProperty("items").EnumerateArray().Any(item =>
                (Text(item, "message") ?? "").Contains("with GPUs 0,1", StringComparison.Ordinal));
        });
    }

    [SkippableFact]
    public async Task PodsCreatedDuringStart_AreNotFailedWithWrongReasons()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateNodesAsync(20, gpus: 8);
        await _cluster.CreatePodsAsync("early", 40, _ => Whole(1));

        var instance = _cluster.StartInstance("one");
        await instance.WaitUntilReadyAsync();
        await _cluster.WaitForBoundAsync(40, TimeSpan.FromMinutes(4));

        var events = await _cluster.Plane.GetAsync("/api/v1/namespaces/default/events");
        Assert.DoesNotContain(
            events.GetProperty("items").EnumerateArray(),
            item => (Text(item, "message") ?? "").Contains("not known to gpu-scheduler", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Terminate_WhileLeading_ReleasesTheLeaseAndEndsWell()
    {
        ControlPlane.RequireAssets();
        var instance = _cluster.StartInstance("one", replicated: true);
        await instance.WaitUntilReadyAsync();

        Assert.Equal(0, await instance.TerminateAsync());

        var leases = await _cluster.Plane.GetAsync("/apis/coordination.k8s.io/v1/namespaces/gpu-scheduler/leases");
        var holder = leases.GetProperty("items").EnumerateArray().Select(lease => Text(lease.GetProperty("spec"), "holderIdentity")).Single();
        Assert.True(string.IsNullOrEmpty(holder), $"the lease is still held by {holder}");
    }

    private static string Whole(int gpus) => $"\"cpu\":\"1\",\"memory\":\"1Gi\",\"nvidia.com/gpu\":\"{gpus}\"";

    private static string Share(int milli) => $"\"cpu\":\"1\",\"memory\":\"1Gi\",\"gpu-scheduler.io/gpu-milli\":\"{milli}\"";

    private static string? Text(JsonElement item, string property) =>
        item.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
