namespace GpuScheduler.Cluster.Nomination;

/// <summary>What a <see cref="Nominator"/> did so far.</summary>
/// <param name="Plans">Times the queue was planned.</param>
/// <param name="Nominated">Pods that were given a node.</param>
/// <param name="Moved">Nominations that were given another node because the first one no longer fitted.</param>
/// <param name="Withdrawn">Nominations that were taken back because the pod fits nowhere any more.</param>
/// <param name="Conflicts">Writes that the server refused because the pod had changed or gone meanwhile.</param>
/// <param name="Failed">Writes that failed for any other reason.</param>
/// <param name="Overruled">Nominations of ours that somebody else replaced or took away.</param>
/// <param name="Standing">Nominations of ours that stand at this moment.</param>
/// <param name="Held">Answers of filter that were kept back for nominations to get ahead.</param>
/// <param name="HeldFor">How long they were, in sum.</param>
public readonly record struct NominationCounters(
    long Plans, long Nominated, long Moved, long Withdrawn, long Conflicts, long Failed, long Overruled, int Standing, long Held, TimeSpan HeldFor);
