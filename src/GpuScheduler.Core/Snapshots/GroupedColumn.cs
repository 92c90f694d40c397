namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// A column of a page in groups of <see cref="GroupRows"/> rows, for what is read row by row: writing a row copies its group alone, where a column of
/// numbers that kernels compare is copied whole. Does not change once it is shared.
/// </summary>
/// <typeparam name="T">What it holds.</typeparam>
internal sealed class GroupedColumn<T>
{
    /// <summary>Rows in a group.</summary>
    public const int GroupRows = 16;

    private readonly T[][] _groups;
    private readonly int _perRow;
    private readonly GroupedColumn<T> _defaults;

    /// <summary>A column of defaults, which all that are made from it share.</summary>
    /// <param name="perRow">Places of a row.</param>
    public GroupedColumn(int perRow)
    {
        (_perRow, _defaults) = (perRow, this);
        _groups = new T[NodePage.RowCount / GroupRows][];
        Array.Fill(_groups, new T[GroupRows * perRow]);
    }

    private GroupedColumn(GroupedColumn<T> other) => (_groups, _perRow, _defaults) = ([.. other._groups], other._perRow, other._defaults);

    /// <summary>The places of a row.</summary>
    public ReadOnlySpan<T> this[int row] => _groups[row / GroupRows].AsSpan(row % GroupRows * _perRow, _perRow);

    /// <summary>The places of a group of rows.</summary>
    public ReadOnlySpan<T> Group(int group) => _groups[group];

    /// <summary>The column with a row written: a copy where this one is shared or is that of the defaults.</summary>
    /// <param name="shared">What must not change; null for nothing.</param>
    /// <param name="row">The row.</param>
    /// <param name="values">Its places.</param>
    public GroupedColumn<T> With(GroupedColumn<T>? shared, int row, ReadOnlySpan<T> values)
    {
        if (this[row].SequenceEqual(values, EqualityComparer<T>.Default)) return this;
        var own = ReferenceEquals(this, shared) || ReferenceEquals(this, _defaults) ? new GroupedColumn<T>(this) : this;
        var number = row / GroupRows;
        ref var group = ref own._groups[number];
        if (ReferenceEquals(group, shared?._groups[number]) || ReferenceEquals(group, _defaults._groups[number])) group = [.. group];
        values.CopyTo(group.AsSpan(row % GroupRows * _perRow));
        return own;
    }
}
