using System.Net.Http.Headers;
using GpuScheduler.Server.Tests.Running;

namespace GpuScheduler.Server.Tests.Metrics;

public sealed class MetricsEndpointTests(EmbeddedService service) : IClassFixture<EmbeddedService>
{
    private readonly HttpClient _client = service.Process.Client;

    [Fact]
    public async Task Metrics_AfterAFilter_CountIt()
    {
        const string Pod = """{"metadata":{"namespace":"default","name":"m","uid":"m"},"spec":{"containers":[{"name":"main","resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}""";
        await _client.PostVerbAsync("filter", $$"""{"Pod":{{Pod}},"NodeNames":["no-such-node"]}""");

        using var response = await _client.GetAsync("/metrics");
        var scrape = Exposition.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(1, scrape["gpu_scheduler_rejected_nodes_total"].Samples["cause=\"unknown_node\""]);
        Assert.Equal(200, scrape["gpu_scheduler_snapshot_nodes"].Samples[""]);
        Assert.Equal(1, scrape["gpu_scheduler_ready"].Samples[""]);
        Assert.Equal(0, scrape["gpu_scheduler_overcommitted_devices"].Samples[""]);
        Assert.InRange(scrape["gpu_scheduler_packing_build_duration_seconds"].Samples["gpu_scheduler_packing_build_duration_seconds_count"], 1, double.MaxValue);
        Assert.Contains("dotnet_gc_pause_time_seconds_total", scrape.Names());
    }

    [Fact]
    public async Task Metrics_WhenAskedForOpenMetrics_AreThat()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text; version=1.0.0; q=0.8"));
        using var response = await _client.SendAsync(request);

        Assert.Equal("application/openmetrics-text; version=1.0.0; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.EndsWith("# EOF\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
