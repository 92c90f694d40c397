using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Binding;

/// <summary>Carries out the bind verb: takes the decision against the newest ledger and makes it known to the cluster.</summary>
public interface IPodBinder
{
    /// <summary>Binds a pod to a node. Asking again for the same pod and node is answered with success and changes nothing.</summary>
    ValueTask<BindOutcome> BindAsync(BindRequest request, CancellationToken cancellationToken);
}

/// <summary>What kube-scheduler's bind call says (<c>ExtenderBindingArgs</c>), and what we know besides.</summary>
/// <param name="Namespace">The pod's namespace.</param>
/// <param name="Name">The pod's name.</param>
/// <param name="Uid">The pod's UID.</param>
/// <param name="NodeName">The node it shall go to.</param>
/// <param name="Seen">
/// Reads the pod as an earlier filter or prioritize call showed it, for when the pod watch has not brought it yet (or there is none); comes to null when
/// it has not been seen. Null where nothing is remembered.
/// </param>
public sealed record BindRequest(string Namespace, string Name, string Uid, string NodeName, Func<Pod?>? Seen);

/// <summary>How a bind call ended.</summary>
/// <param name="Error">What went wrong, for kube-scheduler's events and logs; empty when the pod is on its node.</param>
/// <param name="DeviceMask">The devices it was given on the node (bit i: device i).</param>
public readonly record struct BindOutcome(string Error, uint DeviceMask)
{
    /// <summary>The pod is on its node.</summary>
    public bool IsBound => Error.Length == 0;

    /// <summary>Success.</summary>
    public static BindOutcome Bound(uint deviceMask) => new("", deviceMask);

    /// <summary>Failure, in words.</summary>
    public static BindOutcome Failed(string error) => new(error, 0);
}
