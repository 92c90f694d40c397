using System.Diagnostics;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.LoadTest.Load;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>
/// How long it takes from posting a pod event to the snapshot that shows it: the running pump over 15,000 nodes, 2,000 events a second at
/// random times fixed in advance.
/// </summary>
internal static class PumpReport
{
    private const int Nodes = 15_000;
    private const int EventsPerSecond = 2_000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(20);

    /// <summary>Measures and prints.</summary>
    public static async Task<int> RunAsync()
    {
        var clock = new SteadyClock();
        var store = new SnapshotStore();
        await using var pump = new ClusterPump(BenchmarkCluster.CreateLedger(Nodes), store, TimeProvider.System, NullLogger<ClusterPump>.Instance);
        var due = ArrivalSchedule.Poisson(EventsPerSecond, Duration, seed: 1);
        var pods = due.Select((_, i) => MakePod.Named($"event-{i}").On(BenchmarkCluster.NodeName((int)(i * 7_919L % Nodes))).Cpu("2").Memory("8Gi").Gpus(1).Build()).ToArray();
        await pump.FlushAsync(CancellationToken.None);
        GC.Collect();

        var visible = new long[due.Length];
        var (generation, allocated, pauses) = (store.Current.Generation, GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration());
        var (gen0, gen1, gen2) = (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));
        await Task.Factory.StartNew(() => Post(pump, clock, due, pods, visible), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await pump.FlushAsync(CancellationToken.None);

        Array.Sort(visible);
        var latency = LatencySummary.Of(visible);
        Console.WriteLine($"{due.Length:n0} pod events in {Duration.TotalSeconds:n0} s, {Nodes:n0} nodes: {store.Current.Generation - generation:n0} snapshots, "
            + $"{(GC.GetTotalAllocatedBytes() - allocated) / due.Length:n0} bytes an event");
        Console.WriteLine($"event to snapshot, ms: p50 {latency.P50:f3}, p90 {latency.P90:f3}, p99 {latency.P99:f3}, p99.9 {latency.P999:f3}, max {latency.Max:f2}");
        Console.WriteLine($"collections {GC.CollectionCount(0) - gen0}/{GC.CollectionCount(1) - gen1}/{GC.CollectionCount(2) - gen2} (gen 0/1/2), "
            + $"pauses {(GC.GetTotalPauseDuration() - pauses).TotalMilliseconds:f1} ms in all");
        return 0;
    }

    private static void Post(ClusterPump pump, SteadyClock clock, long[] due, Pod[] pods, long[] visible)
    {
        var start = clock.Now;
        for (var i = 0; i < due.Length; i++)
        {
            var (number, dueAt) = (i, start + due[i]);
            clock.WaitUntil(dueAt);
            var posted = pump.PostAsync(new Timed(pods[i], () => visible[number] = clock.Now - dueAt));
            Debug.Assert(posted.IsCompletedSuccessfully, "the pump's channel is longer than what can wait here");
        }
    }

    /// <summary>A pod event that says when the snapshot that shows it is published.</summary>
    private sealed class Timed(Pod pod, Action published) : ClusterChange
    {
        internal override void Apply(ClusterLedger ledger) => ledger.UpsertPod(pod);

        internal override void Complete() => published();
    }
}
