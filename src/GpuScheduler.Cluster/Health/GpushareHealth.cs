using System.Text.Json;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Health;

/// <summary>What a ConfigMap says of broken GPUs, and its identity.</summary>
/// <param name="Meta">Its identity.</param>
/// <param name="Devices">Indices, separated by commas; empty for none.</param>
internal sealed record GpushareHealth(ObjectMeta Meta, string Devices)
{
    private const string NamePrefix = "unhealthy-gpu-";

    /// <summary>The node it is about; null for a ConfigMap about something else.</summary>
    public static string? NodeOf(ObjectMeta meta) =>
        meta.Name.Length > NamePrefix.Length && meta.Name.StartsWith(NamePrefix, StringComparison.Ordinal) ? meta.Name[NamePrefix.Length..] : null;

    /// <summary>
    /// Reads the ConfigMap <c>unhealthy-gpu-NODE</c>, in whose <c>data.gpus</c> stand the indices of broken GPUs, separated by commas
    /// (gpushare-scheduler-extender, <c>pkg/cache/configmap.go</c> and <c>nodeinfo.go</c>). Of other ConfigMaps nothing is kept.
    /// </summary>
    internal sealed class Reader : IObjectReader<GpushareHealth>
    {
        public GpushareHealth Read(ref Utf8JsonReader reader)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (!root.TryGetProperty("metadata", out var metadata)) throw new FormatException("metadata: missing");
            var meta = new ObjectMeta(Text(metadata, "namespace"), Text(metadata, "name"), Text(metadata, "uid"), Text(metadata, "resourceVersion"));
            if (meta.Name.Length == 0) throw new FormatException("metadata.name: missing");
            var isAboutGpus = NodeOf(meta) is not null && root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object;
            return new GpushareHealth(meta, isAboutGpus ? Text(root.GetProperty("data"), "gpus") : "");
        }

        public ObjectMeta MetaOf(GpushareHealth value) => value.Meta;

        private static string Text(JsonElement parent, string property) =>
            parent.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }
}
