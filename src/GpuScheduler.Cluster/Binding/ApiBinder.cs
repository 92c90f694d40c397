using System.Collections.Concurrent;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Binding;

/// <summary>
/// Binds through the API server. The single writer decides against the newest ledger (Assume); then one <c>POST pods/{name}/binding</c>
/// carries node, UID and our annotations together; the pod watch confirms. When the answer leaves it open what happened, the pod itself is
/// asked. A second call for the same pod and node joins the first. Pods of a gang are bound once all it starts with have come.
/// </summary>
/// <param name="pump">The single writer.</param>
/// <param name="api">The API server.</param>
/// <param name="pods">Reads pods.</param>
/// <param name="gate">May a bind start now?</param>
/// <param name="observer">Told how binds end.</param>
/// <param name="time">Starts the clock of assumed pods, and limits a bind.</param>
/// <param name="limit">How long one bind may take, without the time a pod waits for others of its gang.</param>
/// <param name="gangs">Places pods, and holds those of a gang back until it is complete.</param>
public sealed class ApiBinder(
    ClusterPump pump, IKubernetesApi api, IObjectReader<Pod> pods, IBindGate gate, IBindObserver observer, TimeProvider time, TimeSpan limit,
    GangBarrier gangs)
    : IPodBinder
{
    private const int MaxGangAttempts = 12;

    private readonly ConcurrentDictionary<string, Flight> _flights = new();

    /// <summary>Completes when no bind that is under way now is so any longer. Pods that wait for others of their gang are sent back.</summary>
    public async Task DrainAsync()
    {
        await gangs.CallOffAllAsync("gpu-scheduler stops binding").ConfigureAwait(false);
        await Task.WhenAll(_flights.Values.Select(flight => flight.Outcome.Task)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<BindOutcome> BindAsync(BindRequest request, CancellationToken cancellationToken)
    {
        var flight = new Flight(request.NodeName);
        var under = _flights.GetOrAdd(request.Uid, flight);
        if (!ReferenceEquals(under, flight))
        {
            return under.NodeName == request.NodeName
                ? await under.Outcome.Task.WaitAsync(cancellationToken).ConfigureAwait(false)
                : BindOutcome.Failed($"pod {request.Namespace}/{request.Name} is just being bound to node {under.NodeName}");
        }

        // Once begun it is carried through, whether or not the caller still waits: half a bind must not hold a GPU.
        _ = CarryOutAsync(request, flight);
        return await flight.Outcome.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task CarryOutAsync(BindRequest request, Flight flight)
    {
        BindOutcome outcome;
        try
        {
            outcome = await BindOnceAsync(request).ConfigureAwait(false);
        }
        catch (Exception problem)
        {
            // The place stays assumed until the watch or the assumed lifetime settles it: we do not know what the server did.
            await pump.PostAsync(ClusterChange.BindingFinished(request.Uid, time.GetUtcNow())).ConfigureAwait(false);
            outcome = BindOutcome.Failed(problem is OperationCanceledException
                ? $"the API server did not answer within {limit.TotalSeconds:0} s" : problem.Message);
        }

        _flights.TryRemove(request.Uid, out _);
        flight.Outcome.SetResult(outcome);
    }

    private async Task<BindOutcome> BindOnceAsync(BindRequest request)
    {
        using var finding = new CancellationTokenSource(limit, time);
        var (pod, missing) = await FindAsync(request, finding.Token).ConfigureAwait(false);
        if (pod is null) return BindOutcome.Failed(missing);
        if (gate.Refusal is { } refusal) return Refuse(pod, request, refusal);

        var assumed = await gangs.AssumeAsync(pod, request.NodeName).ConfigureAwait(false);
        using var binding = new CancellationTokenSource(limit, time);
        return await WriteAsync(pod, request, assumed, binding.Token).ConfigureAwait(false);
    }

    private async Task<BindOutcome> WriteAsync(Pod pod, BindRequest request, AssumeOutcome assumed, CancellationToken cancellationToken)
    {
        if (assumed.Result == AssumeResult.AlreadyThere && await IsConfirmedAsync(request.Uid, cancellationToken).ConfigureAwait(false))
        {
            return BindOutcome.Bound(assumed.DeviceMask);
        }

        if (!assumed.IsPlaced) return Refuse(pod, request, OneNode.Words(assumed.Reason));

        // Asked again, because leadership may have ended while the writer was busy.
        if (gate.Refusal is { } late) return await GiveBackAsync(pod, request, late).ConfigureAwait(false);

        var binding = new PodBinding(request.Namespace, request.Name, request.Uid, request.NodeName, assumed.Annotations);
        var status = await PostAsync(pod, binding, cancellationToken).ConfigureAwait(false);
        if (status.IsSuccess) return await FinishAsync(pod, request, assumed.DeviceMask).ConfigureAwait(false);
        if (status.IsConflict || status.MayHaveHappened) return await LookAsync(pod, request, assumed.DeviceMask, status, cancellationToken).ConfigureAwait(false);
        return await GiveBackAsync(pod, request, status.Message).ConfigureAwait(false);
    }

    /// <summary>
    /// Others of a pod's gang may be bound already, so it is tried again until the time is up; kube-scheduler tries a pod alone again later.
    /// Binding twice is refused, so that a write which may have happened can be repeated.
    /// </summary>
    private Task<ApiStatus> PostAsync(Pod pod, PodBinding binding, CancellationToken cancellationToken) => GangMembership.Of(pod) is null
        ? api.BindPodAsync(binding, cancellationToken)
        : ApiRetry.RunAsync(
            token => api.BindPodAsync(binding, token),
            new Backoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), time, Random.Shared), MaxGangAttempts, isIdempotent: true, cancellationToken);

    /// <summary>The server refused because the pod has a node already, or its answer got lost: the pod itself says what is true.</summary>
    private async Task<BindOutcome> LookAsync(Pod pod, BindRequest request, uint deviceMask, ApiStatus status, CancellationToken cancellationToken)
    {
        var found = await api.GetAsync(ResourceType.Pods, request.Namespace, request.Name, pods, cancellationToken).ConfigureAwait(false);
        if (found.TryGet(out var now, out var problem))
        {
            if (now.Uid != request.Uid) return await GiveBackAsync(pod, request, $"pod {pod.FullName} was deleted and made anew").ConfigureAwait(false);
            if (now.NodeName == request.NodeName) return await FinishAsync(pod, request, deviceMask).ConfigureAwait(false);
            return await GiveBackAsync(pod, request, status.Message).ConfigureAwait(false);
        }

        if (problem.IsNotFound) return await GiveBackAsync(pod, request, $"pod {pod.FullName} was deleted").ConfigureAwait(false);

        // Neither the bind nor the look was answered. Keep the place for the assumed lifetime: the bind may have happened.
        await pump.PostAsync(ClusterChange.BindingFinished(request.Uid, time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        return Refuse(pod, request, status.Message);
    }

    private async Task<(Pod? Pod, string Missing)> FindAsync(BindRequest request, CancellationToken cancellationToken)
    {
        var (known, byName) = await pump.AskAsync(
            ledger => (ledger.FindPod(request.Uid), ledger.FindPod(request.Namespace, request.Name)), cancellationToken).ConfigureAwait(false);

        // Servers up to 1.20 bind whatever pod has the name; a pod of another UID must not get this one's devices.
        if (byName is not null && byName.Uid != request.Uid) return (null, $"pod {byName.FullName} was deleted and made anew");
        if ((known ?? request.Seen?.Invoke()) is { } pod) return (pod, "");

        var found = await api.GetAsync(ResourceType.Pods, request.Namespace, request.Name, pods, cancellationToken).ConfigureAwait(false);
        if (!found.TryGet(out var fresh, out var status)) return (null, $"pod {request.Namespace}/{request.Name}: {status.Message}");
        return fresh.Uid == request.Uid ? (fresh, "") : (null, $"pod {fresh.FullName} was deleted and made anew");
    }

    private Task<bool> IsConfirmedAsync(string uid, CancellationToken cancellationToken) =>
        pump.AskAsync(ledger => ledger.StateOf(uid) == PodState.Confirmed, cancellationToken);

    private async Task<BindOutcome> FinishAsync(Pod pod, BindRequest request, uint deviceMask)
    {
        await pump.PostAsync(ClusterChange.BindingFinished(request.Uid, time.GetUtcNow())).ConfigureAwait(false);
        observer.Bound(pod, request.NodeName, deviceMask);
        return BindOutcome.Bound(deviceMask);
    }

    private async Task<BindOutcome> GiveBackAsync(Pod pod, BindRequest request, string reason)
    {
        await pump.PostAsync(ClusterChange.PodForgotten(request.Uid)).ConfigureAwait(false);
        return Refuse(pod, request, reason);
    }

    private BindOutcome Refuse(Pod pod, BindRequest request, string reason)
    {
        observer.Refused(pod, request.NodeName, reason);
        return BindOutcome.Failed(reason);
    }

    private sealed record Flight(string NodeName)
    {
        public TaskCompletionSource<BindOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
