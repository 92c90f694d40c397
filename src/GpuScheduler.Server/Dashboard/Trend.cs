using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Dashboard;

/// <summary>A moment of the cluster's packing.</summary>
/// <param name="At">When.</param>
/// <param name="AllocatedPercent">How much of all GPUs is given out.</param>
/// <param name="FragmentedPercent">How much of all GPUs is free on partly used ones.</param>
internal readonly record struct TrendSample(DateTimeOffset At, double AllocatedPercent, double FragmentedPercent);

/// <summary>Takes a sample of the packing every few seconds and keeps those of the last hour.</summary>
/// <param name="store">What is looked at.</param>
/// <param name="time">Paces it.</param>
internal sealed class Trend(SnapshotStore store, TimeProvider time)
{
    /// <summary>An hour.</summary>
    private const int Kept = 720;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Queue<TrendSample> _samples = new();
    private long _taken;

    /// <summary>The samples taken after the first <paramref name="seen"/> ones, as far as they are kept; <paramref name="seen"/> counts on.</summary>
    public IReadOnlyList<TrendSample> Since(ref long seen)
    {
        lock (_samples)
        {
            var missing = (int)Math.Min(_taken - seen, _samples.Count);
            seen = _taken;
            return missing <= 0 ? [] : [.. _samples.Skip(_samples.Count - missing)];
        }
    }

    /// <summary>Takes a sample now.</summary>
    public void Take()
    {
        var snapshot = store.Current;
        if (snapshot.NodeCount == 0) return;
        var totals = ClusterTotals.Of(snapshot);
        lock (_samples)
        {
            _samples.Enqueue(new TrendSample(time.GetUtcNow(), totals.AllocatedPercent, totals.FragmentedPercent));
            if (_samples.Count > Kept) _samples.Dequeue();
            _taken++;
        }
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, time);
        do Take();
        while (await timer.WaitForNextTickAsync(stopping));
    }
}
