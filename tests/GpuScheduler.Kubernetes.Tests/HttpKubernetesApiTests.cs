namespace GpuScheduler.Kubernetes.Tests;

public sealed class HttpListTests : ListContract
{
    protected override IKubernetesApi CreateApi(ClusterConnection connection) => new HttpKubernetesApi(connection);
}

public sealed class HttpWatchTests : WatchContract
{
    protected override IKubernetesApi CreateApi(ClusterConnection connection) => new HttpKubernetesApi(connection);
}

public sealed class HttpObjectTests : ObjectContract
{
    protected override IKubernetesApi CreateApi(ClusterConnection connection) => new HttpKubernetesApi(connection);
}
