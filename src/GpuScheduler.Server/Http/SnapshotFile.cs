using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Http;

/// <summary>
/// Writes a state as <c>kubectl get nodes,pods,podgroups -A -o json</c> would: a <c>v1 List</c> that <see cref="Sources.ClusterFile"/> reads back to the
/// same answers. Only what is read of nodes, pods and PodGroups is in it. Pods that were bound and not yet confirmed are on their nodes; the
/// devices of every pod stand in its annotation. A ConfigMap holds the options that answers depend on.
/// </summary>
internal static class SnapshotFile
{
    private const int FlushAt = 1 << 16;

    /// <summary>The sections of the options that bear on decisions; none of them holds a secret.</summary>
    private static readonly string[] Sections = ["scoring", "extender", "topology", "resources", "health"];

    private static readonly JsonWriterOptions Format = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the list, as fast as it is taken.</summary>
    public static async Task WriteAsync(PipeWriter output, ClusterState state, GpuSchedulerOptions options, CancellationToken cancellationToken)
    {
        await using var json = new Utf8JsonWriter(output, Format);
        json.WriteStartObject();
        json.WriteString("apiVersion"u8, "v1"u8);
        json.WriteString("kind"u8, "List"u8);
        json.WriteStartArray("items"u8);
        WriteOptions(json, options);
        for (var i = 0; i < state.Snapshot.NodeCount; i++)
        {
            NodeWriter.Write(json, state.Snapshot.Names.Rows[i].Node);
            await FlushAsync(json, output, FlushAt, cancellationToken);
        }

        foreach (var group in state.Snapshot.Gangs.All.Select(PodGroupWriter.Of).OfType<PodGroup>().OrderBy(group => (group.Kind, group.Namespace, group.Name)))
        {
            PodGroupWriter.Write(json, group);
            await FlushAsync(json, output, FlushAt, cancellationToken);
        }

        foreach (var (pod, node, placed) in PodBodies.All(state))
        {
            PodWriter.Write(json, placed is { } held ? pod.BoundTo(node!, Annotations(state.Snapshot, node!, held)) : pod);
            await FlushAsync(json, output, FlushAt, cancellationToken);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        await FlushAsync(json, output, 0, cancellationToken);
    }

    private static IReadOnlyDictionary<string, string> Annotations(ClusterSnapshot snapshot, string node, PlacedPod placed) => DeviceAnnotation.For(
        placed.DeviceMask, placed.Pod.Shape.Gpu, snapshot.Names.Find(Encoding.UTF8.GetBytes(node))?.Devices ?? NodeDevices.None);

    private static void WriteOptions(Utf8JsonWriter json, GpuSchedulerOptions options)
    {
        json.WriteStartObject();
        json.WriteString("apiVersion"u8, "v1"u8);
        json.WriteString("kind"u8, "ConfigMap"u8);
        json.WriteStartObject("metadata"u8);
        json.WriteString("name"u8, "gpu-scheduler"u8);
        json.WriteEndObject();
        json.WriteStartObject("data"u8);
        json.WriteString("config.yaml"u8, OptionsWriter.WriteYaml(options, Sections));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static async ValueTask FlushAsync(Utf8JsonWriter json, PipeWriter output, int from, CancellationToken cancellationToken)
    {
        if (json.BytesPending < from) return;
        await json.FlushAsync(cancellationToken);
        await output.FlushAsync(cancellationToken);
    }
}
