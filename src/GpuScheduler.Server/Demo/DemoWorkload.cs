using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Dashboard;

namespace GpuScheduler.Server.Demo;

/// <summary>
/// Gives an embedded cluster something to do (<c>serve --demo</c>): pods arrive, are scheduled through the extender as kube-scheduler would, run for
/// a while and end; those that fit nowhere wait. About so many arrive as keep three quarters of the GPUs in use.
/// </summary>
/// <param name="pump">Told of pods that come and go.</param>
/// <param name="store">What is in use.</param>
/// <param name="catalog">Tells which resources are GPUs.</param>
/// <param name="time">Paces it.</param>
/// <param name="log">Told when it cannot go on.</param>
internal sealed partial class DemoWorkload(ClusterPump pump, SnapshotStore store, GpuResourceCatalog catalog, TimeProvider time, ILogger<DemoWorkload> log)
{
    private const int Seed = 7;
    private const double TargetPercent = 75;

    /// <summary>Pods that may arrive in one step while the cluster is still filling.</summary>
    private const int ArrivalsPerStep = 6;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MeanLife = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    private readonly Random _random = new(Seed);
    private readonly PriorityQueue<string, DateTimeOffset> _ends = new();
    private readonly List<(Pod Pod, DateTimeOffset TryAt)> _waiting = [];

    /// <summary>Runs until it is told to stop.</summary>
    /// <param name="extender">Where the verbs are.</param>
    /// <param name="stopping">The service stops.</param>
    public async Task RunAsync(Uri extender, CancellationToken stopping)
    {
        using var http = new HttpClient { BaseAddress = extender };
        var scheduler = new DemoScheduler(http, store);
        var pods = new DemoPods(catalog, _random);
        using var timer = new PeriodicTimer(Step, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stopping)) await StepAsync(scheduler, pods, stopping);
        }
        catch (HttpRequestException problem)
        {
            LogStopped(problem);
        }
    }

    /// <summary>What happens in one moment: pods end, new ones arrive, and those that wait are tried.</summary>
    internal async Task StepAsync(DemoScheduler scheduler, DemoPods pods, CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        while (_ends.TryPeek(out var uid, out var end) && end <= now)
        {
            _ends.Dequeue();
            await pump.PostAsync(ClusterChange.PodDeleted(uid), stopping);
        }

        var missing = TargetPercent - ClusterTotals.Of(store.Current).AllocatedPercent;
        for (var arrivals = missing <= 0 ? 0 : 1 + _random.Next(ArrivalsPerStep); arrivals > 0; arrivals--)
        {
            var pod = pods.Next(now);
            await pump.PostAsync(ClusterChange.PodUpserted(pod), stopping);
            _waiting.Add((pod, now));
        }

        await pump.FlushAsync(stopping);
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var (pod, tryAt) = _waiting[i];
            if (tryAt > now) continue;
            if (await scheduler.ScheduleAsync(pod, stopping))
            {
                _ends.Enqueue(pod.Uid, now + (MeanLife * -Math.Log(1 - _random.NextDouble())));
                _waiting.RemoveAt(i);
            }
            else if (now - pod.CreatedAt > Patience)
            {
                await pump.PostAsync(ClusterChange.PodDeleted(pod.Uid), stopping);
                _waiting.RemoveAt(i);
            }
            else
            {
                _waiting[i] = (pod, now + RetryAfter);
            }
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "The demo workload ends: the extender does not answer it")]
    private partial void LogStopped(Exception problem);
}
