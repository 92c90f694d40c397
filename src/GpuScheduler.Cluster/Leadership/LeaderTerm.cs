using System.Diagnostics.CodeAnalysis;

namespace GpuScheduler.Cluster.Leadership;

/// <summary>
/// One term of leading. Whoever is about to do what only a leader may asks <see cref="IsLeading"/> at that moment: it is decided by the clock,
/// so a process that was stopped for a minute knows before it acts that its time is over.
/// </summary>
/// <remarks>
/// All members may be used from any thread. Time is the local monotonic clock; a machine that is suspended or restored from an image without its
/// monotonic clock noticing is beyond what any lease can fence.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "the source holds only a timer, and that is gone once the term ends, which it always does")]
public sealed class LeaderTerm
{
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended;
    private long _leadsUntil;

    internal LeaderTerm(int term, long leadsUntil, TimeProvider time)
    {
        Term = term;
        _time = time;
        _leadsUntil = leadsUntil;
        _ended = new CancellationTokenSource(Remaining, time);
        Ended = _ended.Token;
    }

    /// <summary>The lease's <c>leaseTransitions</c>: greater than that of any earlier term of any process, unless the lease was deleted and made anew.</summary>
    public int Term { get; }

    /// <summary>Cancelled when the term is over: deadline passed, lease lost, or shutdown.</summary>
    public CancellationToken Ended { get; }

    /// <summary>
    /// The fencing deadline as a timestamp of the <see cref="TimeProvider"/> in use: at or after it a leader must not start a bind. It moves on with
    /// each renewal.
    /// </summary>
    public long LeadsUntil => Interlocked.Read(ref _leadsUntil);

    /// <summary>Time left until <see cref="LeadsUntil"/>; zero when it has passed.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var left = _time.GetElapsedTime(_time.GetTimestamp(), LeadsUntil);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Whether we lead at this moment.</summary>
    public bool IsLeading => !Ended.IsCancellationRequested && _time.GetTimestamp() < LeadsUntil;

    /// <summary>Moves the deadline; false when the term was over before.</summary>
    internal bool TryExtend(long leadsUntil)
    {
        if (!IsLeading) return false;
        Interlocked.Exchange(ref _leadsUntil, leadsUntil);
        _ended.CancelAfter(Remaining);
        return IsLeading;
    }

    internal void End() => _ended.Cancel();
}
