using GpuScheduler.Cluster.Reflection;

namespace GpuScheduler.Cluster.Live;

/// <summary>How the watch of one kind of object fares.</summary>
/// <param name="Resource">Plural of the kind: <c>nodes</c> or <c>pods</c>.</param>
/// <param name="Staleness">Time since it showed a sign of life; <see cref="TimeSpan.MaxValue"/> before the first.</param>
/// <param name="Counters">What it has done.</param>
public readonly record struct WatchState(string Resource, TimeSpan Staleness, ReflectorCounters Counters);
