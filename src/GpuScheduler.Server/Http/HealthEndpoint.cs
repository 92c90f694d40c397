namespace GpuScheduler.Server.Http;

/// <summary>Marks what the kubelet asks: every port answers it, at any rate.</summary>
internal sealed class HealthEndpoint
{
    private HealthEndpoint()
    {
    }

    public static HealthEndpoint Instance { get; } = new();
}
