using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>How many pods of one kind every row has room for (<see cref="RowRoom"/>), counted page by page when first asked. For one thread.</summary>
/// <param name="trial">The cluster, which must not change meanwhile.</param>
/// <param name="kind">The pods.</param>
/// <param name="filter">The filter of their shape.</param>
internal sealed class RowRooms(TrialCluster trial, GangKind kind, PodFilter filter)
{
    private readonly int[] _rooms = new int[trial.PageCount * NodePage.RowCount];
    private readonly bool[] _isCounted = new bool[trial.PageCount];

    /// <summary>How many pods there are.</summary>
    public int Need => kind.Members.Count;

    /// <summary>The pods.</summary>
    public GangKind Kind => kind;

    /// <summary>The room of a row; never fewer than really fit.</summary>
    public int this[int row]
    {
        get
        {
            var index = row >> NodePage.Shift;
            if (!_isCounted[index])
            {
                RowRoom.Count(trial, index, filter, kind.Shape, kind.Selection, Need, _rooms.AsSpan(index << NodePage.Shift, NodePage.RowCount));
                _isCounted[index] = true;
            }

            return _rooms[row];
        }
    }

    /// <summary>The rooms of some rows in an array by row, to be used up.</summary>
    public int[] CopyOf(List<int> rows)
    {
        var copy = new int[_rooms.Length];
        foreach (var row in rows) copy[row] = this[row];
        return copy;
    }

    /// <summary>The room of some rows together.</summary>
    public long Sum(List<int> rows)
    {
        var sum = 0L;
        foreach (var row in rows) sum += this[row];
        return sum;
    }
}
