using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Objects;

/// <summary>Lets the API client read pods with the domain's one pod reader.</summary>
public sealed class PodObjects(GpuResourceCatalog catalog) : IObjectReader<Pod>
{
    private readonly PodReader _reader = new(catalog);

    /// <inheritdoc/>
    public Pod Read(ref Utf8JsonReader reader) => _reader.Read(ref reader);

    /// <inheritdoc/>
    public ObjectMeta MetaOf(Pod value) => new(value.Namespace, value.Name, value.Uid, value.ResourceVersion);
}
