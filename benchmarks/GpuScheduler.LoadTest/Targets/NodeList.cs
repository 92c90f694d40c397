using System.Text.Json;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>The nodes of the running service, from <c>GET /api/v1/nodes</c>.</summary>
internal static class NodeList
{
    private const string ZoneLabel = "topology.kubernetes.io/zone";

    /// <summary>Names and zones in the order listed; the zone is empty where there is none.</summary>
    public static async Task<IReadOnlyList<(string Name, string Zone)>> ReadAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        using var list = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri(url, "/api/v1/nodes"), cancellationToken));
        return [.. list.RootElement.GetProperty("items").EnumerateArray().Select(node => (
            node.GetProperty("name").GetString()!,
            node.GetProperty("topology").TryGetProperty(ZoneLabel, out var zone) ? zone.GetString()! : ""))];
    }
}
