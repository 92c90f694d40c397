using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Ledger;

namespace GpuScheduler.Cluster.Pump;

/// <summary>Binds into the ledger alone: for an embedded or loaded cluster that has no API server to tell.</summary>
public sealed class EmbeddedBinder(ClusterPump pump) : IPodBinder
{
    /// <inheritdoc/>
    public async ValueTask<BindOutcome> BindAsync(BindRequest request, CancellationToken cancellationToken)
    {
        var pod = await pump.AskAsync(ledger => ledger.FindPod(request.Uid), cancellationToken).ConfigureAwait(false) ?? request.Seen;
        if (pod is null)
        {
            return BindOutcome.Failed(
                $"pod {request.Namespace}/{request.Name} (uid {request.Uid}) is not known: send it through filter before bind");
        }

        // One question, so that no other change comes between the decision and its record.
        var outcome = await pump.AskAsync(
            ledger =>
            {
                var assumed = ledger.Assume(pod, request.NodeName, pump.Time.GetUtcNow());
                if (assumed.Result == AssumeResult.Assumed) ledger.UpsertPod(pod.BoundTo(request.NodeName, assumed.Annotations));
                return assumed;
            },
            cancellationToken).ConfigureAwait(false);
        return outcome.IsPlaced ? BindOutcome.Bound(outcome.DeviceMask) : BindOutcome.Failed(outcome.Reason);
    }
}
