using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Http;

/// <summary>What the runtime does behind the answers: for load tests, and for people who look for the cause of a slow call.</summary>
internal sealed class RuntimeEndpoint(SnapshotStore store, ClusterPump pump, Gen2Pauses pauses)
{
    /// <summary>Adds it.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/api/v1/runtime", context => HttpAnswers.WriteJson(context, StatusCodes.Status200OK, Read(), HttpAnswers.Json.RuntimeBody));

    private RuntimeBody Read()
    {
        // Counts of a generation include those of the older ones.
        var (gen0, gen1, gen2) = (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));
        return new RuntimeBody(
            gen0 - gen1,
            gen1 - gen2,
            gen2,
            GC.GetTotalPauseDuration().TotalMilliseconds,
            pauses.Longest.TotalMilliseconds,
            GC.GetTotalAllocatedBytes(),
            store.Current.Generation,
            pump.SnapshotAge.TotalMilliseconds);
    }
}

/// <summary>The answer of <c>GET /api/v1/runtime</c>; all but the last two count from the start of the process, the longest pause from when it was ready.</summary>
/// <param name="Gen0Collections">Collections of generation 0 alone.</param>
/// <param name="Gen1Collections">Collections up to generation 1.</param>
/// <param name="Gen2Collections">Collections of all generations.</param>
/// <param name="GcPauseMilliseconds">How long collections made the process stand still.</param>
/// <param name="MaxGen2PauseMilliseconds">The longest it stood still for a collection of all generations.</param>
/// <param name="AllocatedBytes">Managed memory allocated.</param>
/// <param name="SnapshotGeneration">Generation of the newest snapshot.</param>
/// <param name="SnapshotAgeMilliseconds">How long it has been the newest.</param>
internal sealed record RuntimeBody(
    int Gen0Collections,
    int Gen1Collections,
    int Gen2Collections,
    double GcPauseMilliseconds,
    double MaxGen2PauseMilliseconds,
    long AllocatedBytes,
    long SnapshotGeneration,
    double SnapshotAgeMilliseconds);
