using System.Diagnostics.Metrics;
using GpuScheduler.Cluster.Live;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Http;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Metrics;

/// <summary>What can be read off the service at any moment: its snapshot, its writer, its watches, who leads. Nothing is computed before it is asked for.</summary>
internal static class StateMetrics
{
    /// <summary>Adds them to a meter.</summary>
    public static void Add(Meter meter, SnapshotStore store, ClusterPump pump, Func<SourceVitals> vitals, Func<bool> isReady)
    {
        meter.CreateObservableGauge("gpu_scheduler.snapshot.generation", () => store.Current.Generation, description: "Generation of the newest snapshot.");
        meter.CreateObservableGauge(
            "gpu_scheduler.snapshot.age", () => pump.SnapshotAge.TotalSeconds, "s", "Time since the newest snapshot was published; grows while nothing in the cluster changes.");
        meter.CreateObservableGauge("gpu_scheduler.snapshot.nodes", () => store.Current.NodeCount, "{node}", "Nodes in the newest snapshot.");
        meter.CreateObservableGauge("gpu_scheduler.pump.depth", () => pump.Depth, "{change}", "Changes that wait for the writer of the snapshot.");
        meter.CreateObservableGauge(
            "gpu_scheduler.pump.idle", () => pump.SinceDrain.TotalSeconds, "s", "Time since the writer last came round; it does so at least once a second, so that more says that it hangs.");
        meter.CreateObservableGauge("gpu_scheduler.ready", () => isReady() ? 1 : 0, description: "1 while kube-scheduler is answered.");
        meter.CreateObservableGauge("gpu_scheduler.leader", () => vitals().IsLeader ? 1 : 0, description: "1 while this replica leads, or there is no election.");
        meter.CreateObservableGauge(
            "gpu_scheduler.gangs", () => store.Current.Gangs.All.Count(gang => gang.Waiting.Length > 0), "{gang}", "Gangs of which pods wait.");
        meter.CreateObservableGauge(
            "gpu_scheduler.gang.waiting_pods", () => store.Current.Gangs.All.Sum(gang => gang.Waiting.Length), "{pod}", "Pods of gangs that wait.");
        meter.CreateObservableGauge("gpu_scheduler.build_info", BuildInfoPoint, description: "1; what was built stands in the labels.");
        AddWatches(meter, vitals);
        AddNominations(meter, vitals);
        meter.CreateObservableCounter(
            "gpu_scheduler.events", IEnumerable<Measurement<long>> () => vitals().Events is not { } events ? [] :
            [
                Of(events.Written, "outcome", "written"), Of(events.Repeated, "outcome", "repeated"), Of(events.Limited, "outcome", "limited"),
                Of(events.Dropped, "outcome", "dropped"), Of(events.Failed, "outcome", "failed"),
            ],
            "{event}", "Events about pods, by what became of them.");
    }

    private static void AddWatches(Meter meter, Func<SourceVitals> vitals)
    {
        meter.CreateObservableGauge(
            "gpu_scheduler.watch.staleness",
            () => vitals().Watches.Where(watch => watch.Staleness != TimeSpan.MaxValue)
                .Select(watch => new Measurement<double>(watch.Staleness.TotalSeconds, new KeyValuePair<string, object?>("resource", watch.Resource))),
            "s", "Time since the watch showed a sign of life; bookmarks come about once a minute.");
        Counter("gpu_scheduler.watch.restarts", "{restart}", "Watches opened after the first one; the API server ends each after some minutes.", watch => Math.Max(0, watch.Counters.Watches - 1));
        Counter("gpu_scheduler.watch.failures", "{failure}", "Watches that failed, or ended almost at once.", watch => watch.Counters.WatchFailures);
        Counter("gpu_scheduler.lists", "{list}", "Lists completed, the first included.", watch => watch.Counters.Lists);
        Counter("gpu_scheduler.list.failures", "{failure}", "Lists that failed.", watch => watch.Counters.ListFailures);
        Counter("gpu_scheduler.watch.unreadable", "{object}", "Versions of objects that could not be read.", watch => watch.Counters.Unreadable);
        meter.CreateObservableCounter(
            "gpu_scheduler.watch.changes",
            () => vitals().Watches.SelectMany(watch => new[]
            {
                Change(watch, "upsert", watch.Counters.Upserts), Change(watch, "delete", watch.Counters.Deletes), Change(watch, "stale", watch.Counters.Stale),
            }),
            "{change}", "Changes the watches brought: handed over as upsert or delete, or dropped because they were stale.");

        void Counter(string name, string unit, string description, Func<WatchState, long> read) =>
            meter.CreateObservableCounter(name, () => vitals().Watches.Select(watch => Of(read(watch), "resource", watch.Resource)), unit, description);

        static Measurement<long> Change(WatchState watch, string change, long count) =>
            new(count, new KeyValuePair<string, object?>("resource", watch.Resource), new("change", change));
    }

    private static void AddNominations(Meter meter, Func<SourceVitals> vitals)
    {
        meter.CreateObservableCounter(
            "gpu_scheduler.nominations", IEnumerable<Measurement<long>> () => vitals().Nominations is not { } made ? [] :
            [
                Of(made.Nominated, "outcome", "nominated"), Of(made.Moved, "outcome", "moved"), Of(made.Withdrawn, "outcome", "withdrawn"),
                Of(made.Conflicts, "outcome", "conflict"), Of(made.Failed, "outcome", "failed"), Of(made.Overruled, "outcome", "overruled"),
            ],
            "{nomination}", "Nodes nominated ahead for waiting pods, by what became of them.");
        meter.CreateObservableGauge(
            "gpu_scheduler.nominations.standing",
            IEnumerable<Measurement<int>> () => vitals().Nominations is { } made ? [new(made.Standing)] : [],
            "{nomination}", "Nominations of ours that stand at this moment.");
        meter.CreateObservableCounter(
            "gpu_scheduler.filter.holds",
            IEnumerable<Measurement<long>> () => vitals().Nominations is { } made ? [new(made.Held)] : [],
            "{call}", "Answers of filter that were kept back for nominations to get ahead of kube-scheduler.");
        meter.CreateObservableCounter(
            "gpu_scheduler.filter.held",
            IEnumerable<Measurement<double>> () => vitals().Nominations is { } made ? [new(made.HeldFor.TotalSeconds)] : [],
            "s", "How long answers of filter were kept back, in sum; the durations of verbs are without it.");
    }

    private static Measurement<int> BuildInfoPoint() => new(
        1,
        new KeyValuePair<string, object?>("version", BuildInfo.Current.Version),
        new("commit", BuildInfo.Current.GitCommit ?? ""),
        new("runtime", BuildInfo.Current.Runtime));

    private static Measurement<long> Of(long value, string label, string of) => new(value, new KeyValuePair<string, object?>(label, of));
}
