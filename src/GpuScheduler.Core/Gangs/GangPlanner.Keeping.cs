using System.Collections.Immutable;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <content>Finds the nodes to keep for a gang that does not fit.</content>
internal sealed partial class GangPlanner
{
    /// <summary>
    /// The nodes that will hold a gang soonest, as far as can be told without knowing how long pods run: in the smallest domain that would hold it if it
    /// were empty, of these in the one that holds most of it now, those nodes that have most free now, and no more than it needs. Of a gang that runs, the rest
    /// goes where it runs. Null when no domain would ever hold it.
    /// </summary>
    /// <param name="gang">The gang.</param>
    /// <param name="last">What is kept for it already: stays in its domain as long as that can hold the gang.</param>
    public GangReservation? Keep(Gang gang, GangReservation? last)
    {
        _heedsReservations = false;
        if (!TryResolve(gang.Topology, out var limits, out _)) return null;
        var kinds = GangDemand.Group(GangDemand.Of(gang));
        var (running, staying) = RunningOf(gang);
        var domains = new GangDomains(_trial, _tree, RoomsFor(_trial, kinds), running);
        for (var level = Innermost(kinds, limits.Required); level >= limits.Required; level--)
        {
            var candidates = domains.DomainsNear(level).Select(domain => (domain, domains.RowsOf(level, domain))).Where(found => HasGpus(found.Item2, kinds))
                .OrderByDescending(found => last is not null && NameAt(level, found.domain) == last.Domain)
                .ThenByDescending(found => domains.FitOf(found.Item2)).ThenByDescending(found => FreeMilli(found.Item2)).Take(MaxAttempts);
            foreach (var (domain, rows) in candidates)
            {
                if (Fewest(rows, staying, level, limits.Preferred, kinds, domains) is { } nodes) return new GangReservation(gang.Key, gang.Priority, NameAt(level, domain), nodes);
            }
        }

        return null;
    }

    /// <summary>
    /// The domain, of those in which a gang must be whole, that has room for most of it; the one with most GPUs free when none has room for any. Null when
    /// it must be on one node, or its level is unknown.
    /// </summary>
    public (string Domain, List<int> Rows, int Fit)? Nearest(Gang gang)
    {
        _heedsReservations = !_snapshot.MayUseKept(gang);
        if (!TryResolve(gang.Topology, out var limits, out _) || limits.Required == _tree.NodeLevel) return null;
        var domains = new GangDomains(_trial, _tree, RoomsFor(_trial, GangDemand.Group(GangDemand.Of(gang))), RunningOf(gang).Rows);
        var (domain, fit) = domains.Best(limits.Required);
        if (fit == 0) domain = domains.DomainsNear(limits.Required).MaxBy(near => FreeMilli(domains.RowsOf(limits.Required, near)));
        return (NameAt(limits.Required, domain), domains.RowsOf(limits.Required, domain), fit);
    }

    /// <summary>Where pods of a gang run, once it has started, and their UIDs.</summary>
    private (List<int> Rows, HashSet<string> Uids) RunningOf(Gang gang) =>
        gang.IsStarted ? (RowsOf(gang), [.. gang.Placed.Select(place => place.Uid).OfType<string>()]) : ([], []);

    /// <summary>As few rows of a domain as would hold the gang if they were empty but for its own pods, those with most free first; null when all of them would not.</summary>
    private ImmutableArray<string>? Fewest(List<int> rows, HashSet<string> staying, int level, int preferred, List<GangKind> kinds, GangDomains now)
    {
        var empty = _trial.Fork();
        foreach (var row in rows) empty.Vacate(row, staying);
        var rooms = RoomsFor(empty, kinds);
        var inTurn = rows.OrderByDescending(row => now.FitOf([row])).ThenByDescending(row => FreeMilli([row])).ThenBy(row => row).ToList();
        var sums = new long[kinds.Count];
        var chosen = new List<int>();
        foreach (var row in inTurn)
        {
            if (rooms.TrueForAll(room => room[row] == 0)) continue;
            chosen.Add(row);
            for (var i = 0; i < sums.Length; i++) sums[i] += rooms[i][row];
            if (sums.Where((sum, i) => sum < rooms[i].Need).Any() || TryPack(empty, chosen, level, preferred, kinds) is null) continue;
            return [.. chosen.Select(NameOf).Order(StringComparer.Ordinal)];
        }

        return null;
    }

    /// <summary>Whether some rows have as many GPUs, used or not, as the gang asks for; where GPUs are only counted, they may.</summary>
    private bool HasGpus(List<int> rows, List<GangKind> kinds)
    {
        var asked = kinds.Sum(kind => (long)kind.Members.Count * kind.Shape.Gpu.TotalMilli);
        var there = 0L;
        foreach (var row in rows) there += _trial.PageOf(row).GpuCount[row & NodePage.RowMask] is > 0 and var count ? count * GpuDemand.WholeMilli : asked;
        return there >= asked;
    }

    private long FreeMilli(List<int> rows) => rows.Sum(row => (long)_trial.PageOf(row).GpuFreeMilli[row & NodePage.RowMask]);

    private string NameAt(int level, int domain) => level == _tree.NodeLevel ? $"node {NameOf(domain)}" : _tree.NameOf(level, domain);
}
