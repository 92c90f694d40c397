namespace GpuScheduler.Cluster.Events;

/// <summary>What became of the events recorded.</summary>
/// <param name="Recorded">Events taken into the queue.</param>
/// <param name="Written">Writes that reached the API server.</param>
/// <param name="Repeated">Events that only raised the count of an earlier one.</param>
/// <param name="Limited">Events left out because too many were about one object.</param>
/// <param name="Dropped">Events left out because the queue was full.</param>
/// <param name="Failed">Writes given up.</param>
public readonly record struct EventCounters(long Recorded, long Written, long Repeated, long Limited, long Dropped, long Failed);
