using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Objects;

/// <summary>Lets the API client read nodes with the domain's one node reader.</summary>
public sealed class NodeObjects(GpuResourceCatalog catalog) : IObjectReader<Node>
{
    private readonly NodeReader _reader = new(catalog);

    /// <inheritdoc/>
    public Node Read(ref Utf8JsonReader reader) => _reader.Read(ref reader);

    /// <inheritdoc/>
    public ObjectMeta MetaOf(Node value) => new("", value.Name, value.Uid, value.ResourceVersion);
}
