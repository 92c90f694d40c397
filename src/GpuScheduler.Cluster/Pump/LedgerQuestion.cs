using GpuScheduler.Core.Ledger;

namespace GpuScheduler.Cluster.Pump;

/// <summary>A change, or a look at the ledger, whose result somebody waits for. The answer comes after the snapshot that shows it.</summary>
internal sealed class LedgerQuestion<T>(Func<ClusterLedger, T> ask) : ClusterChange
{
    // Continuations must not run on the writer: they would hold up every other change.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Answer => _answer.Task;

    internal override void Apply(ClusterLedger ledger) => _result = ask(ledger);

    internal override void Complete() => _answer.TrySetResult(_result);

    internal override void Fail(Exception problem) => _answer.TrySetException(problem);
}
