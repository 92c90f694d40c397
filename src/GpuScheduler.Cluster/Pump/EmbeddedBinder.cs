using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;

namespace GpuScheduler.Cluster.Pump;

/// <summary>Binds into the ledger alone: for an embedded or loaded cluster that has no API server to tell.</summary>
public sealed class EmbeddedBinder(ClusterPump pump, GangBarrier gangs) : IPodBinder
{
    /// <inheritdoc/>
    public async ValueTask<BindOutcome> BindAsync(BindRequest request, CancellationToken cancellationToken)
    {
        var pod = await pump.AskAsync(ledger => ledger.FindPod(request.Uid), cancellationToken).ConfigureAwait(false) ?? request.Seen?.Invoke();
        if (pod is null)
        {
            return BindOutcome.Failed(
                $"pod {request.Namespace}/{request.Name} (uid {request.Uid}) is not known: send it through filter before bind");
        }

        var outcome = await gangs.AssumeAsync(pod, request.NodeName).ConfigureAwait(false);
        if (outcome.Result == AssumeResult.Assumed)
        {
            var bound = pod.BoundTo(request.NodeName, outcome.Annotations);
            await pump.AskAsync(
                ledger =>
                {
                    ledger.UpsertPod(bound);
                    return true;
                },
                CancellationToken.None).ConfigureAwait(false);
        }

        return outcome.IsPlaced ? BindOutcome.Bound(outcome.DeviceMask) : BindOutcome.Failed(OneNode.Words(outcome.Reason));
    }
}
