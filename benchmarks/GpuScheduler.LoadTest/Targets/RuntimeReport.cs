using System.Net;
using System.Text.Json;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>What <c>GET /api/v1/runtime</c> tells, where a server has it; numbers it leaves out count as 0.</summary>
/// <param name="Gen0">Collections of generation 0 since the start.</param>
/// <param name="Gen1">Collections of generation 1.</param>
/// <param name="Gen2">Collections of generation 2.</param>
/// <param name="PauseMilliseconds">All that collections made the process stand still.</param>
/// <param name="MaxGen2PauseMilliseconds">The longest it stood still for one collection of generation 2, since it was ready.</param>
/// <param name="AllocatedBytes">Managed memory allocated since the start.</param>
/// <param name="Generation">Generation of the newest snapshot.</param>
/// <param name="SnapshotAgeMilliseconds">How long it has been the newest.</param>
internal sealed record RuntimeReport(
    long Gen0,
    long Gen1,
    long Gen2,
    double PauseMilliseconds,
    double MaxGen2PauseMilliseconds,
    long AllocatedBytes,
    long Generation,
    double SnapshotAgeMilliseconds)
{
    private const string Path = "/api/v1/runtime";

    /// <summary>Asks a server; null when it has no such endpoint.</summary>
    public static async Task<RuntimeReport?> ReadAsync(HttpClient http, Uri url, CancellationToken cancellationToken)
    {
        using var answer = await http.GetAsync(new Uri(url, Path), cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK) return null;
        return Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>Reads the answer: an object of numbers.</summary>
    public static RuntimeReport? Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) return null;
        return new RuntimeReport(
            (long)Number("gen0Collections"), (long)Number("gen1Collections"), (long)Number("gen2Collections"),
            Number("gcPauseMilliseconds"), Number("maxGen2PauseMilliseconds"), (long)Number("allocatedBytes"),
            (long)Number("snapshotGeneration"), Number("snapshotAgeMilliseconds"));

        double Number(string name) => root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;
    }

    /// <summary>The difference to an earlier report; the longest pause and the age are those of now.</summary>
    public RuntimeReport Since(RuntimeReport earlier) => this with
    {
        Gen0 = Gen0 - earlier.Gen0,
        Gen1 = Gen1 - earlier.Gen1,
        Gen2 = Gen2 - earlier.Gen2,
        PauseMilliseconds = PauseMilliseconds - earlier.PauseMilliseconds,
        AllocatedBytes = AllocatedBytes - earlier.AllocatedBytes,
        Generation = Generation - earlier.Generation,
    };
}
