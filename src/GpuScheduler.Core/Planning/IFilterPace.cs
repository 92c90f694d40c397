namespace GpuScheduler.Core.Planning;

/// <summary>May keep the answer of filter back for a moment, where kube-scheduler would otherwise run ahead of work that spares it more.</summary>
public interface IFilterPace
{
    /// <summary>
    /// To be awaited before kube-scheduler is told that the one node it asked about takes its pod; as a rule completed at once. Safe for concurrent use.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    Task WaitAsync(CancellationToken cancellationToken);
}
