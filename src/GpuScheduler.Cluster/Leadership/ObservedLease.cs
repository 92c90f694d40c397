using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Leadership;

/// <summary>
/// The lease as it was last seen to change, and when by our own clock. Whether it has expired is judged by that alone: times written into the
/// lease are other machines' and are compared with nothing (<c>leaderelection.go</c>, observedRecord and observedTime).
/// </summary>
internal sealed class ObservedLease(TimeSpan leaseDuration, TimeProvider time)
{
    private long _changedAt;

    /// <summary>Null before the first look.</summary>
    public Lease? Lease { get; private set; }

    /// <summary>
    /// Whether the lease was given back: no holder, and the one second that a releasing holder writes (or nothing at all, in a lease that was made
    /// beforehand). A name erased by hand does not end a term.
    /// </summary>
    public bool IsReleased => Lease is { HolderIdentity.Length: 0, LeaseDurationSeconds: <= 1 };

    /// <summary>
    /// Whether the lease is free to be taken. A holder's own duration counts, but never less than ours, so that an edit cannot shorten a term.
    /// </summary>
    public bool IsFree
    {
        get
        {
            if (Lease is not { } lease) return true;
            if (IsReleased) return true;
            var written = TimeSpan.FromSeconds(lease.LeaseDurationSeconds);
            return time.GetElapsedTime(_changedAt) >= (written > leaseDuration ? written : leaseDuration);
        }
    }

    /// <summary>Notes what was read or written; the clock starts anew only if it differs from what was seen before.</summary>
    public void Observe(Lease lease, long at)
    {
        if (Lease is null || !IsSameRecord(Lease, lease)) _changedAt = at;
        Lease = lease;
    }

    private static bool IsSameRecord(Lease a, Lease b) =>
        a.HolderIdentity == b.HolderIdentity
        && a.LeaseDurationSeconds == b.LeaseDurationSeconds
        && a.AcquireTime == b.AcquireTime
        && a.RenewTime == b.RenewTime
        && a.LeaseTransitions == b.LeaseTransitions
        && a.Meta.Uid == b.Meta.Uid;
}
