using System.Text;
using GpuScheduler.Server.Tests.Running;

namespace GpuScheduler.Server.Tests.Metrics;

/// <summary>The executable sends what it measures.</summary>
public sealed class OtlpTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("grpc", "application/grpc")]
    [InlineData("http/protobuf", "application/x-protobuf")]
    public async Task Otlp_Configured_MetricsAndTracesArrive(string protocol, string contentType)
    {
        await using var receiver = await OtlpReceiver.StartAsync(isGrpc: protocol == "grpc");
        await using var service = await ServerProcess.StartWithAsync(
            [("OTEL_EXPORTER_OTLP_PROTOCOL", protocol), ("OTEL_METRIC_EXPORT_INTERVAL", "500"), ("OTEL_BSP_SCHEDULE_DELAY", "500")],
            "serve", "--cluster", "embedded", "--nodes", "5", "--set", $"telemetry.otlpEndpoint={receiver.Address}");

        using var body = new StringContent("""{"Pod":{"metadata":{"name":"p"},"spec":{"containers":[]}},"NodeNames":[]}""", Encoding.UTF8, "application/json");
        using var answer = await service.Client.PostAsync("/scheduler/filter", body);
        answer.EnsureSuccessStatusCode();

        using var hang = new CancellationTokenSource(Hang);
        Assert.All(await receiver.WaitForAsync("gpu_scheduler.verb.duration", "extender filter", hang.Token), name => Assert.Equal("gpu-scheduler", name));
        Assert.Equal([contentType], receiver.ContentTypes);
    }
}
