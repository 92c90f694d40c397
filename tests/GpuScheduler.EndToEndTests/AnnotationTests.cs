using GpuScheduler.EndToEndTests.Harness;

namespace GpuScheduler.EndToEndTests;

/// <summary>What a pod's annotations are told of, on a real API server and with a real kube-scheduler.</summary>
public sealed class AnnotationTests : IAsyncLifetime
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
    public async Task UnknownNameAndBadValue_AreToldInThePodsEvents()
    {
        ControlPlane.RequireAssets();
        await _cluster.CreateNodesAsync(1, gpus: 8);
        var instance = _cluster.StartInstance("one");
        await instance.WaitUntilReadyAsync();

        // More than there are, so that it waits.
        await _cluster.Plane.CreateAsync("/api/v1/namespaces/default/pods", """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"typo","annotations":{"gpu-scheduler.io/min-gpu-memroy":"40Gi","gpu-scheduler.io/placement":"scatter"}},
             "spec":{"schedulerName":"gpu-scheduler","containers":[{"name":"main","image":"busybox","resources":{"limits":{"cpu":"1","nvidia.com/gpu":"16"}}}]}}
            """);

        await EventAsync("did you mean gpu-scheduler.io/min-gpu-memory?");
        await EventAsync("gpu-scheduler.io/placement");
    }

    private Task EventAsync(string text) => Eventually.HoldsAsync($"an event says '{text}'", TimeSpan.FromMinutes(2), async () =>
    {
        var events = await _cluster.Plane.GetAsync("/api/v1/namespaces/default/events");
        return events.GetProperty("items").EnumerateArray().Any(item => item.TryGetProperty("message", out var message)
            && message.GetString()?.Contains(text, StringComparison.Ordinal) == true);
    });
}
