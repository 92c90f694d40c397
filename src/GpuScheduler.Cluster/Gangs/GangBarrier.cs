using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>
/// Where pods of a gang wait, placed but not yet bound, until everyone the gang starts with has come: then all are let through at once. If they do not
/// all come in time, all are sent back and what was held for them is free again. Which of the two happens, the single writer decides, so there is
/// nothing in between. No thread waits.
/// </summary>
/// <param name="pump">The single writer.</param>
/// <param name="plans">Plans gangs; the same that filter answers from.</param>
/// <param name="time">Limits the waiting.</param>
/// <param name="limit">How long the first that came waits for the last. Must stay well below kube-scheduler's <c>httpTimeout</c>.</param>
public sealed class GangBarrier(ClusterPump pump, GangPlans plans, TimeProvider time, TimeSpan limit)
{
    /// <summary>Touched by the writer alone.</summary>
    private readonly Dictionary<GangKey, Gathering> _gatherings = [];

    /// <summary>
    /// Places a pod; of a pod of a gang that has not started, completes only when the gang is complete or called off. When the pod is placed, it may be
    /// bound; otherwise it holds nothing any more.
    /// </summary>
    public async Task<AssumeOutcome> AssumeAsync(Pod pod, string nodeName)
    {
        // Not to be cancelled: what the writer did must be known.
        var (assumption, gathering) = await pump.AskAsync(ledger => Enter(ledger, pod, nodeName), CancellationToken.None).ConfigureAwait(false);
        if (gathering is null) return assumption.Outcome;
        if (assumption.IsComplete) gathering.End(null);
        var calledOff = await gathering.Ended.ConfigureAwait(false);
        return calledOff is null ? assumption.Outcome : new AssumeOutcome(AssumeResult.DoesNotFit, 0, calledOff);
    }

    /// <summary>Sends everybody back who waits now.</summary>
    /// <param name="why">What they are told.</param>
    public async Task CallOffAllAsync(string why)
    {
        var all = await pump.AskAsync(_ => _gatherings.Values.ToArray(), CancellationToken.None).ConfigureAwait(false);
        foreach (var gathering in all) await CallOffAsync(gathering, why).ConfigureAwait(false);
    }

    private (GangAssumption Assumption, Gathering? Gathering) Enter(ClusterLedger ledger, Pod pod, string nodeName)
    {
        var assumption = ledger.AssumeMember(pod, nodeName, plans.Of, time.GetUtcNow());
        if (assumption.Gang is not { } key) return (assumption, null);
        if (!_gatherings.TryGetValue(key, out var gathering)) gathering = Begin(key);
        if (assumption.IsComplete) _gatherings.Remove(key);
        return (assumption, gathering);
    }

    private Gathering Begin(GangKey key)
    {
        var gathering = new Gathering(key);
        _gatherings.Add(key, gathering);
        gathering.Clock = time.CreateTimer(
            _ => _ = CallOffAsync(gathering, $"{key}: not all pods it starts with came within {limit.TotalSeconds:0.#} s"), null, limit, Timeout.InfiniteTimeSpan);
        return gathering;
    }

    private async Task CallOffAsync(Gathering gathering, string why)
    {
        var isOver = await pump.AskAsync(
            ledger =>
            {
                if (!_gatherings.TryGetValue(gathering.Key, out var current) || !ReferenceEquals(current, gathering)) return false;
                _gatherings.Remove(gathering.Key);
                ledger.CallOff(gathering.Key);
                return true;
            },
            CancellationToken.None).ConfigureAwait(false);
        if (isOver) gathering.End(why);
    }

    /// <summary>The pods of one gang that wait.</summary>
    private sealed class Gathering(GangKey key)
    {
        private readonly TaskCompletionSource<string?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public GangKey Key { get; } = key;

        /// <summary>Ends the waiting when it takes too long.</summary>
        public ITimer? Clock { get; set; }

        /// <summary>Null when they were let through, else why they were sent back.</summary>
        public Task<string?> Ended => _ended.Task;

        /// <summary>Ends the waiting; with a reason they are sent back.</summary>
        public void End(string? why)
        {
            Clock?.Dispose();
            _ended.TrySetResult(why);
        }
    }
}
