using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Leadership;

/// <summary>
/// The lease as it was last seen to change, and when by our own clock. Whether it has expired is judged by that alone: times written into the
/// lease are other machines' and are compared with nothing (<c>leaderelection.go</c>, observedRecord and observedTime).
/// </summary>
internal sealed class ObservedLease(TimeSpan leaseDuration, TimeProvider time)
{
    private long _changedAt;
    private bool _isMissing;

    /// <summary>Null before the first look.</summary>
    public Lease? Lease { get; private set; }

    /// <summary>
    /// Whether the lease is free to be taken. A holder's own duration counts, but never less than ours, so that an edit cannot shorten a term;
    /// and an empty holder is free at once only with the one second that a releasing holder writes, so that neither can erasing a name.
    /// </summary>
    public bool IsFree
    {
        get
        {
            if (Lease is not { } lease) return true;
            var written = TimeSpan.FromSeconds(lease.LeaseDurationSeconds);
            if (lease.HolderIdentity.Length == 0 && written <= TimeSpan.FromSeconds(1)) return true;
            return time.GetElapsedTime(_changedAt) >= (written > leaseDuration ? written : leaseDuration);
        }
    }

    /// <summary>Notes what was read or written; the clock starts anew only if it differs from what was seen before.</summary>
    public void Observe(Lease lease, long at)
    {
        if (_isMissing || Lease is null || !IsSameRecord(Lease, lease)) _changedAt = at;
        _isMissing = false;
        Lease = lease;
    }

    /// <summary>
    /// The lease is not there. If it was before, somebody deleted it under a holder who may have renewed it just before: that one still leads.
    /// </summary>
    public void ObserveMissing(long at)
    {
        if (!_isMissing && Lease is not null) _changedAt = at;
        _isMissing = true;
    }

    private static bool IsSameRecord(Lease a, Lease b) =>
        a.HolderIdentity == b.HolderIdentity
        && a.LeaseDurationSeconds == b.LeaseDurationSeconds
        && a.AcquireTime == b.AcquireTime
        && a.RenewTime == b.RenewTime
        && a.LeaseTransitions == b.LeaseTransitions
        && a.Meta.Uid == b.Meta.Uid;
}
