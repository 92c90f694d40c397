namespace GpuScheduler.Core.Gangs;

/// <summary>
/// Whose turn it is first. Gangs that were given their turn and did not take it come last; then priority decides; those that run in part come before
/// those that wait, and those of which all pods exist before those that still grow; then age, and to have an order at all, the name.
/// </summary>
internal sealed class GangOrder : IComparer<Gang>
{
    public static GangOrder Instance { get; } = new();

    public int Compare(Gang? x, Gang? y)
    {
        var order = x!.IsSetAside.CompareTo(y!.IsSetAside);
        if (order == 0) order = y.Priority.CompareTo(x.Priority);
        if (order == 0) order = y.IsStarted.CompareTo(x.IsStarted);
        if (order == 0) order = x.IsIncomplete.CompareTo(y.IsIncomplete);
        if (order == 0) order = x.CreatedAt.CompareTo(y.CreatedAt);
        if (order == 0) order = string.CompareOrdinal(x.Key.Namespace, y.Key.Namespace);
        if (order == 0) order = string.CompareOrdinal(x.Key.Name, y.Key.Name);
        return order != 0 ? order : string.CompareOrdinal(x.Key.Kind, y.Key.Kind);
    }
}
