using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Demo;

/// <summary>Does for one pod what kube-scheduler does with an extender: filter, prioritize, bind, over HTTP.</summary>
/// <param name="http">Its base address is the extender's, with a slash at the end.</param>
/// <param name="store">Where the names of the nodes come from.</param>
internal sealed class DemoScheduler(HttpClient http, SnapshotStore store)
{
    /// <summary>Tries to place a pod; whether it was bound.</summary>
    /// <exception cref="HttpRequestException">The extender did not answer.</exception>
    public async Task<bool> ScheduleAsync(Pod pod, CancellationToken cancellationToken)
    {
        var names = store.Current.Names.Rows.ToArray().Select(row => row.Name);
        using var filter = await PostAsync("filter", json => WriteArguments(json, pod, names), cancellationToken);
        if (!filter.RootElement.TryGetProperty("NodeNames", out var fitting) || fitting.ValueKind != JsonValueKind.Array || fitting.GetArrayLength() == 0) return false;

        using var scores = await PostAsync(
            "prioritize", json => WriteArguments(json, pod, fitting.EnumerateArray().Select(name => name.GetString()!)), cancellationToken);
        var best = scores.RootElement.EnumerateArray().MaxBy(entry => entry.GetProperty("Score").GetInt64()).GetProperty("Host").GetString()!;
        using var bind = await PostAsync("bind", json => WriteBinding(json, pod, best), cancellationToken);
        return bind.RootElement.GetProperty("Error").GetString() is "";
    }

    private static void WriteArguments(Utf8JsonWriter json, Pod pod, IEnumerable<string> nodeNames)
    {
        json.WriteStartObject();
        json.WritePropertyName("Pod"u8);
        PodWriter.Write(json, pod);
        json.WriteStartArray("NodeNames"u8);
        foreach (var name in nodeNames) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBinding(Utf8JsonWriter json, Pod pod, string node)
    {
        json.WriteStartObject();
        json.WriteString("PodNamespace"u8, pod.Namespace);
        json.WriteString("PodName"u8, pod.Name);
        json.WriteString("PodUID"u8, pod.Uid);
        json.WriteString("Node"u8, node);
        json.WriteEndObject();
    }

    private async Task<JsonDocument> PostAsync(string verb, Action<Utf8JsonWriter> write, CancellationToken cancellationToken)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body)) write(json);
        using var content = new ReadOnlyMemoryContent(body.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.PostAsync(new Uri(verb, UriKind.Relative), content, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var answer = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
    }
}
