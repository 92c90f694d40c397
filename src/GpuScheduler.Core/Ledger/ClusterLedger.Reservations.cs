using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <content>Nodes that are kept for a gang that has waited long. Which, others decide; there is one reservation at most.</content>
public sealed partial class ClusterLedger
{
    private GangReservation? _reservation;

    /// <summary>What is kept now; null for nothing.</summary>
    public GangReservation? Reservation => _reservation;

    /// <summary>
    /// Keeps nodes for a gang and no others; null keeps none. None are kept while a pod of higher priority waits that would fit there. It ends by
    /// itself when the gang starts.
    /// </summary>
    public void KeepFor(GangReservation? reservation)
    {
        if (reservation is not null && _waiting.Any(entry => GoesBefore(entry, reservation))) reservation = null;
        if (Equals(_reservation, reservation)) return;
        foreach (var name in _reservation?.Nodes ?? []) Keep(name, 0);
        _reservation = reservation;
        if (reservation is null) return;
        var (table, id) = Tables.Reservations.With(reservation.Text);
        Tables = Tables with { Reservations = table };
        foreach (var name in reservation.Nodes) Keep(name, id);
    }

    /// <summary>
    /// The single pods that wait and fit on one of these nodes now: whom a reservation that has ended may have held back. Those of high priority
    /// first, then the oldest.
    /// </summary>
    public IReadOnlyList<Pod> WaitingFor(IReadOnlyCollection<string> nodeNames)
    {
        var rows = nodeNames.Select(name => _nodes.GetValueOrDefault(name)).Where(node => node is { Row: >= 0 }).Select(node => node!.Row).ToList();
        var fits = new Dictionary<PodShape, bool>();
        return [.. _waiting.Where(entry => entry.Gang is null && entry.Pod.Shape.UsesGpu && _options.IsOurs(entry.Pod) && Fits(entry.Pod.Shape))
            .Select(entry => entry.Pod).OrderByDescending(pod => pod.Priority).ThenBy(pod => pod.CreatedAt)];

        bool Fits(PodShape shape)
        {
            if (fits.TryGetValue(shape, out var known)) return known;
            var filter = new PodFilter(Tables, shape);
            return fits[shape] = rows.Exists(row => filter.Check(_pages.PageOf(row), row & NodePage.RowMask).IsNone);
        }
    }

    /// <summary>A pod begins to wait: nothing is kept from one of higher priority.</summary>
    private void GiveWayTo(PodEntry entry)
    {
        if (_reservation is { } reservation && GoesBefore(entry, reservation)) KeepFor(null);
    }

    /// <summary>Gangs have their turns (<see cref="GangOrder"/>); single pods go by priority alone.</summary>
    private bool GoesBefore(PodEntry entry, GangReservation reservation)
    {
        var pod = entry.Pod;
        if (pod.Priority <= reservation.Priority || entry.Gang is not null || !pod.Shape.UsesGpu || !_options.IsOurs(pod)) return false;
        var filter = new PodFilter(Tables, pod.Shape, heedsReservations: false);
        return reservation.Nodes.Any(name => _nodes.TryGetValue(name, out var node) && node.Row >= 0 && filter.Check(_pages.PageOf(node.Row), node.Row & NodePage.RowMask).IsNone);
    }

    private void Keep(string nodeName, int reservation)
    {
        if (!_nodes.TryGetValue(nodeName, out var node)) return;
        node.Reservation = reservation;
        if (node.Row >= 0) _pages.SetGpuPods(node.Row, node.GpuPods, node.GpuClosed);
    }

    /// <summary>The filter for a pod that is to be placed. Pods of the gang that nodes are kept for, and of those before it, may go there.</summary>
    private PodFilter FilterFor(PodShape shape, GangEntry? gang) => new(Tables, shape, heedsReservations: !MayUseKept(gang));

    private bool MayUseKept(GangEntry? gang)
    {
        if (_reservation is not { } reservation || gang is null) return false;
        return gang.Key == reservation.Key
            || (_gangs.Find(reservation.Key) is { } holder && GangOrder.Instance.Compare(_gangs.Describe(gang), _gangs.Describe(holder)) < 0);
    }
}
