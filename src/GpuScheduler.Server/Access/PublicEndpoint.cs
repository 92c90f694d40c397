namespace GpuScheduler.Server.Access;

/// <summary>Marks an endpoint that needs no token: it says nothing of the cluster. Whatever is not marked needs one, so that nothing new is open by mistake.</summary>
internal sealed class PublicEndpoint
{
    private PublicEndpoint()
    {
    }

    public static PublicEndpoint Instance { get; } = new();
}
