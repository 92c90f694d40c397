using GpuScheduler.EndToEndTests.Harness;

namespace GpuScheduler.EndToEndTests;

/// <summary>A real kube-scheduler places gpushare's pods through us.</summary>
public sealed class SharedGpuTests : IAsyncLifetime
{
    private const int Gpus = 4;
    private const int Memory = 15;

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
    public async Task KillMinusNine_InABurstOfSharedGpuPods_LeavesEveryPodOneDeviceAndNoDeviceOverCommitted()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateGpuShareNodesAsync(30, Gpus, Memory);
        var first = _cluster.StartInstance("first");
        await first.WaitUntilReadyAsync();

        // 1,800 units on 120 devices; the pods ask for 1,200, in sizes that leave crumbs on a device.
        await _cluster.CreatePodsAsync("p", 300, i => $"\"cpu\":\"100m\",\"aliyun.com/gpu-mem\":\"{2 + (i % 5)}\"");
        await Eventually.HoldsAsync("some pods are bound", TimeSpan.FromMinutes(4), async () => (await _cluster.PodsAsync()).Count(pod => pod.NodeName is not null) > 20);
        await first.KillAsync();
        var second = _cluster.StartInstance("second");
        await _cluster.WaitForBoundAsync(300, TimeSpan.FromMinutes(2));

        await _cluster.AssertGpuShareIsTrueAsync(Gpus, Memory);
        await TestCluster.AssertNoDriftAsync(second);
        var inspected = await second.GetAsync("/gpushare-scheduler/inspect");
        Assert.Equal(1200, inspected.GetProperty("nodes").EnumerateArray().Sum(node => node.GetProperty("usedGPU").GetInt32()));
    }
}
