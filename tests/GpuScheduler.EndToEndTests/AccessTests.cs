using System.Net;
using System.Net.Http.Headers;
using GpuScheduler.EndToEndTests.Harness;

namespace GpuScheduler.EndToEndTests;

/// <summary>A real API server says whose a service account's token is and what it may read; the commands that look ask it themselves.</summary>
public sealed class AccessTests
{
    [SkippableFact]
    public async Task Read_TokenOfAServiceAccount_OpensWhatItsRoleNames()
    {
        var assets = ControlPlane.RequireAssets();
        await using var cluster = await TestCluster.StartWithoutSchedulerAsync(assets);
        var plane = cluster.Plane;
        await Manifests.ApplyAsync(plane, Path.Combine("components", "token-review", "rbac.yaml"));
        await plane.CreateAsync("/api/v1/namespaces", """{"metadata":{"name":"monitoring"}}""");
        await plane.CreateAsync("/api/v1/namespaces/monitoring/serviceaccounts", """{"metadata":{"name":"prometheus"}}""");
        var token = await TokenAsync(plane, "https://kubernetes.default.svc");
        var forOthers = await TokenAsync(plane, "somebody-else");
        var instance = cluster.StartInstance("access", settings: "access.tokenReview=true");
        await instance.WaitUntilReadyAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{instance.Port}") };

        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/metrics", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/metrics", "made-up"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/metrics", forOthers));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync("/metrics", token));

        await plane.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", """
            {"metadata":{"name":"prometheus"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"gpu-scheduler-reader"},
             "subjects":[{"kind":"ServiceAccount","name":"prometheus","namespace":"monitoring"}]}
            """);

        // What was answered is remembered for ten seconds.
        await Eventually.HoldsAsync("the token opens the metrics", TimeSpan.FromSeconds(60), async () => await GetAsync("/metrics", token) == HttpStatusCode.OK);
        Assert.Equal(HttpStatusCode.OK, await GetAsync("/api/v1/nodes", token));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/metrics", forOthers));

        async Task<HttpStatusCode> GetAsync(string path, string? bearer)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (bearer is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [SkippableFact]
    public async Task Commands_WithAKubeconfig_AnswerFromTheApiServer()
    {
        var assets = ControlPlane.RequireAssets();
        await using var cluster = await TestCluster.StartWithoutSchedulerAsync(assets);
        await cluster.CreateNodesAsync(2, gpus: 8);
        await cluster.CreatePodsAsync("big", 1, _ => "\"nvidia.com/gpu\":\"9\"");

        // The service's own account suffices: it may list nodes and pods.
        foreach (var kubeconfig in (string[])[cluster.Plane.AdminKubeconfig, cluster.Kubeconfig])
        {
            var explained = await Cli.RunAsync("explain", "default/big0", "--kubeconfig", kubeconfig);
            Assert.StartsWith("Pod default/big0 (waiting) fits on none of 2 nodes: 2 Insufficient nvidia.com/gpu", explained, StringComparison.Ordinal);
            Assert.Contains("with 1 GPU less (8 instead of 9)", explained, StringComparison.Ordinal);
            Assert.Contains("NVIDIA-H100-80GB-HBM3", await Cli.RunAsync("inspect", "n1", "--kubeconfig", kubeconfig), StringComparison.Ordinal);
            Assert.Contains("NVIDIA-H100-80GB-HBM3", await Cli.RunAsync("top", "--once", "--kubeconfig", kubeconfig, "--context", "test"), StringComparison.Ordinal);
        }
    }

    private static async Task<string> TokenAsync(ControlPlane plane, string audience)
    {
        var answer = await plane.PostAsync(
            "/api/v1/namespaces/monitoring/serviceaccounts/prometheus/token",
            $$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"audiences":["{{{audience}}}"]}}""");
        return answer.GetProperty("status").GetProperty("token").GetString()!;
    }
}
