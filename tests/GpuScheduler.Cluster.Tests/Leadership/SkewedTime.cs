using GpuScheduler.Testing;

namespace GpuScheduler.Cluster.Tests.Leadership;

/// <summary>A machine's own clock: shows another time than the true one and may run faster or slower.</summary>
/// <param name="truth">True time.</param>
/// <param name="offset">What it shows beyond true time at the beginning.</param>
/// <param name="rate">Its seconds per true second.</param>
internal sealed class SkewedTime(FakeTimeProvider truth, TimeSpan offset, double rate) : TimeProvider
{
    private readonly DateTimeOffset _origin = truth.GetUtcNow();

    /// <summary>While set, timers made from then on never fire: a process that is stopped.</summary>
    public bool IsFrozen { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _origin + offset + ((truth.GetUtcNow() - _origin) * rate);

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        truth.CreateTimer(callback, state, IsFrozen || dueTime == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : dueTime / rate, period);
}
