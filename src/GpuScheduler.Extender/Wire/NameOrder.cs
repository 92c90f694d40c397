using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Which node's name followed which in the lists read so far: kube-scheduler sends its nodes in nearly the same order again and again, so the
/// next name is guessed and compared instead of hashed. Shared by all calls without a lock; a wrong guess costs a lookup, nothing else.
/// </summary>
internal sealed class NameOrder
{
    private int[] _next = [];

    /// <summary>
    /// The row that followed row i, at i + 1; at 0, the row that lists begin with. Long enough for the rows of the snapshot; not all values
    /// need to be rows of it.
    /// </summary>
    public int[] For(ClusterSnapshot snapshot)
    {
        var next = _next;
        var length = (snapshot.Pages.Length * NodePage.RowCount) + 1;
        if (next.Length >= length) return next;
        var longer = new int[length];
        for (var i = 0; i < length; i++) longer[i] = i < next.Length ? next[i] : i;
        return _next = longer;
    }
}
