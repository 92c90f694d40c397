using System.Globalization;
using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>
/// Makes kube-scheduler try pods of a gang again when the gang could start and they do not come: they were rejected while a pod was missing or the room
/// was held for another gang, and nothing that kube-scheduler watches tells it that this is over (it would try again after a minute or five). A
/// changed annotation does (<c>isPodUpdated</c> in <c>pkg/scheduler/internal/queue/scheduling_queue.go</c>). The same goes for single pods that nodes were kept
/// from (<see cref="HeldBackPods"/>). A gang that does not take its turn all the same is
/// set aside, so that it does not keep others from theirs.
/// </summary>
/// <param name="pump">The single writer.</param>
/// <param name="store">Where the newest snapshot is.</param>
/// <param name="plans">Plans gangs.</param>
/// <param name="api">The API server.</param>
/// <param name="gate">May this process act now?</param>
/// <param name="time">Paces it.</param>
/// <param name="log">Is told of failures.</param>
public sealed partial class GangWaker(
    ClusterPump pump, SnapshotStore store, GangPlans plans, IKubernetesApi api, IBindGate gate, TimeProvider time, ILogger<GangWaker> log)
{
    /// <summary>The annotation that is changed: when the pod was woken last, in Unix seconds.</summary>
    public const string Annotation = "gpu-scheduler.io/gang-woken";

    private const int MaxPodsAtOnce = 64;
    private const int ParallelWrites = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>kube-scheduler mostly comes by itself; its backoff begins with a second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromMinutes(1);

    private readonly Dictionary<GangKey, Watched> _watched = [];
    private readonly HeldBackPods _heldBack = new(pump);

    /// <summary>Runs until cancelled; rests while the gate is shut.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await RunOnceAsync(stopping).ConfigureAwait(false);
            }
            catch (Exception problem) when (!stopping.IsCancellationRequested)
            {
                LogFailed(problem);
            }

            await Task.Delay(Interval, time, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Looks at all gangs once, and wakes those whose time has come.</summary>
    internal async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (gate.Refusal is not null)
        {
            _watched.Clear();
            _heldBack.Clear();
            return;
        }

        var snapshot = store.Current;
        var due = new List<Pod>();
        var ready = new HashSet<GangKey>();
        foreach (var gang in snapshot.Gangs.All)
        {
            if (gang.Waiting.IsEmpty || gang.IsIncomplete || plans.Of(snapshot, gang.Key) is not { Fits: true } plan) continue;
            var pods = gang.Waiting.Where(pod => plan.PlaceOf(pod.Uid) >= 0).ToList();
            if (pods.Count == 0) continue;
            ready.Add(gang.Key);
            if (!await IsDueAsync(gang).ConfigureAwait(false)) continue;
            due.AddRange(pods);
            if (due.Count >= MaxPodsAtOnce) break;
        }

        if (due.Count < MaxPodsAtOnce)
        {
            foreach (var gone in _watched.Keys.Where(key => !ready.Contains(key)).ToList()) _watched.Remove(gone);
        }

        await _heldBack.LookAsync(snapshot).ConfigureAwait(false);
        due.AddRange(_heldBack.Take(MaxPodsAtOnce - due.Count));
        await WakeAsync(due, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> IsDueAsync(Gang gang)
    {
        var now = time.GetUtcNow();
        if (!_watched.TryGetValue(gang.Key, out var watched) || watched.Waiting != gang.Waiting.Length)
        {
            _watched[gang.Key] = new Watched { Waiting = gang.Waiting.Length, Since = now, Due = now + Patience, Pause = Patience };
            return false;
        }

        if (now < watched.Due) return false;
        watched.Pause = watched.Pause * 2 < LongestPause ? watched.Pause * 2 : LongestPause;
        watched.Due = now + watched.Pause;
        if (now - watched.Since >= GiveUpAfter && gang is { Held: null, IsStarted: false, IsSetAside: false })
        {
            await pump.AskAsync(
                ledger =>
                {
                    ledger.SetAside(gang.Key);
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
            LogSetAside(gang.Key.ToString());
        }

        return true;
    }

    private async Task WakeAsync(List<Pod> pods, CancellationToken cancellationToken)
    {
        var annotations = new Dictionary<string, string?> { [Annotation] = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) };
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = ParallelWrites, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(pods, parallel, async (pod, token) =>
        {
            // Through the status, for which we have the right to: the API server takes metadata along (pkg/registry/core/pod/strategy.go).
            var result = await api.PatchAnnotationsAsync(ResourceType.Pods, pod.Namespace, pod.Name, annotations, token, "status").ConfigureAwait(false);
            if (!result.IsSuccess && !result.Status.IsNotFound) LogNotWoken(pod.FullName, result.Status);
        }).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Error, "Gangs could not be looked at; trying again")]
    private partial void LogFailed(Exception problem);

    [LoggerMessage(2, LogLevel.Warning, "Pod {Pod}, which could start with its gang or was held back for one, was not woken: {Status}")]
    private partial void LogNotWoken(string pod, ApiStatus status);

    [LoggerMessage(3, LogLevel.Warning, "{Gang} could start, but its pods do not come to be bound: something that only kube-scheduler sees keeps them. Others go first now")]
    private partial void LogSetAside(string gang);

    /// <summary>A gang that could start.</summary>
    private sealed class Watched
    {
        public required int Waiting { get; init; }

        public required DateTimeOffset Since { get; init; }

        public required DateTimeOffset Due { get; set; }

        public required TimeSpan Pause { get; set; }
    }
}
