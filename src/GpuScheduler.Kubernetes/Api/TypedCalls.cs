using System.Buffers;
using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>The calls of this service by name, all in terms of <see cref="IKubernetesApi"/>.</summary>
public static class TypedCalls
{
    /// <summary>Reads a lease.</summary>
    public static Task<ApiResult<Lease>> GetLeaseAsync(
        this IKubernetesApi api, string ns, string name, CancellationToken cancellationToken) =>
        api.GetAsync(ResourceType.Leases, ns, name, LeaseModel.Codec, cancellationToken);

    /// <summary>Creates a lease; <see cref="ApiStatus.IsAlreadyExists"/> when another was faster.</summary>
    public static Task<ApiResult<Lease>> CreateLeaseAsync(this IKubernetesApi api, Lease lease, CancellationToken cancellationToken) =>
        api.CreateAsync(ResourceType.Leases, lease.Meta.Namespace, lease, LeaseModel.Codec, cancellationToken);

    /// <summary>Replaces a lease if it still has the resourceVersion of <paramref name="lease"/>; a conflict otherwise.</summary>
    public static Task<ApiResult<Lease>> ReplaceLeaseAsync(this IKubernetesApi api, Lease lease, CancellationToken cancellationToken) =>
        api.ReplaceAsync(ResourceType.Leases, lease.Meta.Namespace, lease.Meta.Name, lease, LeaseModel.Codec, cancellationToken);

    /// <summary>Creates an event in <c>events.k8s.io</c>.</summary>
    public static Task<ApiResult<KubernetesEvent>> CreateEventAsync(
        this IKubernetesApi api, KubernetesEvent value, CancellationToken cancellationToken) =>
        api.CreateAsync(ResourceType.Events, value.Meta.Namespace, value, EventModel.Codec, cancellationToken);

    /// <summary>
    /// Notes on an existing event that it happened again, as client-go's recorder does (<c>tools/events/event_broadcaster.go</c>).
    /// </summary>
    public static Task<ApiResult<KubernetesEvent>> PatchEventSeriesAsync(
        this IKubernetesApi api, string ns, string name, EventSeries series, CancellationToken cancellationToken) => api.PatchAsync(
            ResourceType.Events, ns, name, null, PatchType.Strategic, EventModel.SeriesPatch(series), EventModel.Codec, cancellationToken);

    /// <summary>Creates an event in the older <c>core/v1</c>, for servers without <c>events.k8s.io</c>; the answer holds the identity only.</summary>
    public static Task<ApiResult<KubernetesEvent>> CreateCoreEventAsync(
        this IKubernetesApi api, KubernetesEvent value, CancellationToken cancellationToken) =>
        api.CreateAsync(ResourceType.CoreEvents, value.Meta.Namespace, value, CoreEventModel.Codec, cancellationToken);

    /// <summary>Notes on an event in <c>core/v1</c> that it happened again.</summary>
    public static Task<ApiResult<ObjectMeta>> PatchCoreEventCountAsync(
        this IKubernetesApi api, string ns, string name, EventSeries series, CancellationToken cancellationToken) => api.PatchAsync(
            ResourceType.CoreEvents, ns, name, null, PatchType.Merge, CoreEventModel.CountPatch(series), MetaOnlyReader.Instance, cancellationToken);

    /// <summary>
    /// Sets or (null) clears the node that kube-scheduler tries first for a pod: <c>status.nominatedNodeName</c>. With a resourceVersion, a pod
    /// that changed meanwhile is left as it is and answered with <see cref="ApiStatus.IsConflict"/>.
    /// </summary>
    public static Task<ApiResult<ObjectMeta>> PatchNominatedNodeAsync(
        this IKubernetesApi api, string ns, string podName, string? nodeName, string? resourceVersion, CancellationToken cancellationToken)
    {
        var patch = Patch((nodeName, resourceVersion), static (writer, state) =>
        {
            if (state.resourceVersion is { Length: > 0 } version)
            {
                writer.WriteStartObject("metadata");
                writer.WriteString("resourceVersion", version);
                writer.WriteEndObject();
            }

            writer.WriteStartObject("status");
            writer.WriteString("nominatedNodeName", state.nodeName);
            writer.WriteEndObject();
        });
        return api.PatchAsync(ResourceType.Pods, ns, podName, "status", PatchType.Merge, patch, MetaOnlyReader.Instance, cancellationToken);
    }

    /// <summary>Sets and (null values) removes annotations of an object.</summary>
    public static Task<ApiResult<ObjectMeta>> PatchAnnotationsAsync(
        this IKubernetesApi api,
        ResourceType resource,
        string? ns,
        string name,
        IReadOnlyDictionary<string, string?> annotations,
        CancellationToken cancellationToken,
        string? subresource = null)
    {
        var patch = Patch(annotations, static (writer, map) =>
        {
            writer.WriteStartObject("metadata");
            writer.WriteStartObject("annotations");
            foreach (var (key, value) in map)
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        });
        return api.PatchAsync(resource, ns, name, subresource, PatchType.Merge, patch, MetaOnlyReader.Instance, cancellationToken);
    }

    private static ReadOnlyMemory<byte> Patch<TState>(TState state, Action<Utf8JsonWriter, TState> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer, state);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
