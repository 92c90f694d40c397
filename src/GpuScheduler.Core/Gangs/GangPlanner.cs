using System.Collections.Immutable;
using System.Text;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// Plans one gang after the other on a trial of the cluster; each plan's pods stay on it, so that the next gang is planned beside them. A gang goes to
/// the smallest topology domain that holds all of it, among equals to the one with the least left over, and inside it is packed by
/// <see cref="GangPacking"/>. For one thread.
/// </summary>
internal sealed class GangPlanner
{
    /// <summary>How many domains of one level are tried: by count all of them hold the gang, and mostly the first does.</summary>
    private const int MaxAttempts = 8;

    private readonly ClusterSnapshot _snapshot;
    private readonly TopologyTree _tree;
    private readonly Dictionary<PodShape, PodFilter> _filters = [];
    private TrialCluster _trial;
    private int _ahead;

    public GangPlanner(ClusterSnapshot snapshot, TopologyTree tree, TrialCluster trial) => (_snapshot, _tree, _trial) = (snapshot, tree, trial);

    /// <summary>Plans a gang.</summary>
    /// <param name="gang">The gang.</param>
    /// <param name="last">Its plan on an earlier snapshot: kept as long as it still fits, so that pods which follow it stay together. Null for none.</param>
    public GangPlan Plan(Gang gang, GangPlan? last)
    {
        if (gang.Held is { } held) return FromHeld(gang, held);
        if (gang is { IsUnknown: true, IsStarted: false })
        {
            return Refused(gang, $"{gang.Key}: there is no such PodGroup (yet), and its pods do not say with how many it starts");
        }

        if (gang is { IsSetAside: true, IsIncomplete: true })
        {
            return Refused(gang, $"{gang.Key}: only {gang.Count} of its {gang.Quorum} pods exist, and it has waited for the others in vain");
        }

        var members = GangDemand.Of(gang);
        if (members.Count == 0) return new GangPlan(gang, [], "", "");
        var plan = Keep(gang, members, last) ?? Make(gang, members);
        if (plan.Places.Length > 0) _ahead++;
        return plan;
    }

    /// <summary>While a gang's room is held, its plan is that room.</summary>
    private GangPlan FromHeld(Gang gang, ImmutableArray<GangPlace> held)
    {
        var free = held.ToList();
        var places = new List<GangPlace>();
        foreach (var pod in gang.Waiting)
        {
            var index = free.FindIndex(place => place.Shape.Equals(pod.Shape));
            if (index < 0) continue;
            places.Add(free[index] with { Uid = pod.Uid });
            free.RemoveAt(index);
        }

        places.AddRange(free);
        return Result(gang, places, "");
    }

    private GangPlan? Keep(Gang gang, List<GangMember> members, GangPlan? last)
    {
        if (last is null || last.Places.Length < members.Count || last.Gang.Topology != gang.Topology) return null;
        var trial = _trial.Fork();
        var free = last.Places.ToList();
        var places = new GangPlace[members.Count];

        // First those that have their own place already, then the others take what is free.
        for (var i = 0; i < places.Length; i++)
        {
            var own = members[i].Uid is { } uid ? last.PlaceOf(uid) : -1;
            if (own < 0 || !last.Places[own].Shape.Equals(members[i].Shape)) continue;
            places[i] = last.Places[own];
            free.Remove(places[i]);
        }

        for (var i = 0; i < places.Length; i++)
        {
            if (places[i] is null)
            {
                var like = free.FindIndex(place => place.Shape.Equals(members[i].Shape));
                if (like < 0) return null;
                places[i] = free[like] with { Uid = members[i].Uid };
                free.RemoveAt(like);
            }

            var row = RowOf(places[i].NodeName);
            if (row < 0 || members[i].Selection?.Accepts(_trial.PageOf(row).Node(row & NodePage.RowMask)!.Node) == false) return null;
            if (!trial.TryPlace(FilterOf(members[i].Shape), members[i].Shape, row)) return null;
        }

        _trial = trial;
        return Result(gang, places, "");
    }

    private GangPlan Make(Gang gang, List<GangMember> members)
    {
        if (!TryResolve(gang.Topology, out var limits, out var problem)) return Refused(gang, $"{gang.Key}: {problem}");
        var kinds = GangDemand.Group(members);
        var counts = kinds.ConvertAll(kind => Count(_trial, kind));
        var placed = RowsOf(gang);
        for (var level = _tree.NodeLevel; level >= limits.Required; level--)
        {
            foreach (var rows in Candidates(level, kinds, counts, placed))
            {
                if (TryPack(rows, level, limits.Preferred, kinds, counts[0]) is { } places) return Result(gang, places, "");
            }
        }

        return gang.IsStarted ? MakeInPart(gang, kinds, counts, placed, limits) : Refused(gang, Shortfall(gang, members, kinds, counts, placed, limits.Required));
    }

    /// <summary>A gang that runs takes what it can get: as many of its waiting pods as fit, near those that run.</summary>
    private GangPlan MakeInPart(Gang gang, List<GangKind> kinds, List<int[]> counts, List<int> placed, (int Required, int Preferred) limits)
    {
        var level = limits.Required;
        var rows = Domains(level, kinds, counts, placed, enough: false).Select(found => found.Rows).FirstOrDefault() ?? [];
        var places = new List<GangPlace>();
        foreach (var kind in kinds)
        {
            var some = GangPacking.Pack(_trial, _tree, rows, level, limits.Preferred, FilterOf(kind.Shape), kind.Shape, kind.Members.Count, Count(_trial, kind), partly: true)!;
            for (var i = 0; i < some.Count; i++) places.Add(new GangPlace(kind.Shape, NameOf(some[i]), kind.Members[i].Uid));
        }

        var waiting = kinds.Sum(kind => kind.Members.Count);
        return Result(gang, places, $"{gang.Key}: it runs, and {places.Count} of its {waiting} waiting pods fit{WhereOf(level)}");
    }

    private List<GangPlace>? TryPack(List<int> rows, int level, int preferred, List<GangKind> kinds, int[] firstCounts)
    {
        var trial = _trial.Fork();
        var places = new List<GangPlace>();
        for (var i = 0; i < kinds.Count; i++)
        {
            var (kind, filter) = (kinds[i], FilterOf(kinds[i].Shape));
            var room = i == 0 ? (int[])firstCounts.Clone() : Count(trial, kind);
            var packed = GangPacking.Pack(trial, _tree, rows, level, preferred, filter, kind.Shape, kind.Members.Count, room, partly: false);
            if (packed is null) return null;
            for (var j = 0; j < packed.Count; j++) places.Add(new GangPlace(kind.Shape, NameOf(packed[j]), kind.Members[j].Uid));
        }

        _trial = trial;
        return places;
    }

    private IEnumerable<List<int>> Candidates(int level, List<GangKind> kinds, List<int[]> counts, List<int> placed) =>
        Domains(level, kinds, counts, placed, enough: true).Take(MaxAttempts).Select(found => found.Rows);

    /// <summary>
    /// The domains of a level with their rows, best first. With <paramref name="enough"/> those that by count hold everything, the tightest first;
    /// otherwise all, the one that holds most first. Where pods run already, only domains with them.
    /// </summary>
    private IEnumerable<(List<int> Rows, int Fit, int Domain)> Domains(int level, List<GangKind> kinds, List<int[]> counts, List<int> placed, bool enough)
    {
        var sums = GangRoom.Sum(_trial, _tree, level, kinds, counts);
        var near = NearTo(placed, level);
        IEnumerable<GangRoom> found = near is null ? sums : sums.Where(room => near.Contains(room.Domain));
        found = enough
            ? found.Where(room => room.IsEnough).OrderBy(room => room.LeftOver).ThenBy(room => room.FreeMilli).ThenBy(room => room.Domain)
            : found.OrderByDescending(room => room.Fit).ThenBy(room => room.Domain);
        foreach (var room in found) yield return (RowsIn(level, room.Domain, counts), room.Fit, room.Domain);
    }

    /// <summary>The domains of a level in which pods run; null for any, when none run or the level is the whole cluster.</summary>
    private HashSet<int>? NearTo(List<int> placed, int level)
    {
        if (placed.Count == 0 || level < 0) return null;
        if (level == _tree.NodeLevel) return [.. placed];
        var domains = new HashSet<int>();
        foreach (var row in placed) domains.Add(_tree.DomainOf(level)[row]);
        domains.Remove(-1);
        return domains;
    }

    private List<int> RowsIn(int level, int domain, List<int[]> counts)
    {
        if (level == _tree.NodeLevel) return [domain];
        var rows = new List<int>();
        var length = counts[0].Length;
        for (var row = 0; row < length; row++)
        {
            if ((level < 0 || _tree.DomainOf(level)[row] == domain) && counts.Exists(count => count[row] > 0)) rows.Add(row);
        }

        return rows;
    }

    /// <summary>The level that must hold the gang and the one that should, as numbers; -1 for the whole cluster.</summary>
    private bool TryResolve(TopologyWish wish, out (int Required, int Preferred) limits, out string problem)
    {
        limits = (-1, -1);
        problem = "";
        if (wish.Required is { } required && (limits.Required = LevelOf(required)) < 0)
        {
            problem = _snapshot.Tables.Levels.Keys.Contains(required)
                ? $"no node has the label {required}, which it requires as topology level"
                : $"it requires the topology level {required}, which is none of topology.levels: {string.Join(", ", _snapshot.Tables.Levels.Keys)}";
            return false;
        }

        if (wish.RequiredTier > 0) limits.Required = Math.Max(-1, _tree.NodeLevel - wish.RequiredTier);
        limits.Preferred = wish.Preferred is { } preferred ? LevelOf(preferred) : wish.PreferredTier > 0 ? Math.Max(-1, _tree.NodeLevel - wish.PreferredTier) : -1;
        return true;
    }

    private int LevelOf(string key)
    {
        if (key == TopologyWish.Hostname) return _tree.NodeLevel;
        for (var level = 0; level < _tree.Levels.Count; level++)
        {
            if (_tree.Levels[level] == key) return level;
        }

        return -1;
    }

    private string Shortfall(Gang gang, List<GangMember> members, List<GangKind> kinds, List<int[]> counts, List<int> placed, int level)
    {
        var text = new StringBuilder($"{gang.Key}: ");
        var (_, fit, domain) = Domains(level, kinds, counts, placed, enough: false).FirstOrDefault(([], 0, -1));
        var where = level < 0 || domain < 0 ? "" : level == _tree.NodeLevel ? $" on the best node, {NameOf(domain)}" : $" in the best domain, {_tree.NameOf(level, domain)}";
        text.Append(fit < members.Count
            ? $"{fit} of {members.Count} pods fit at once{where}, no room for {members.Count - fit} more with {Lacking(kinds, counts, level, domain)}"
            : $"its {members.Count} pods do not fit at once{where}, though each alone would");
        if (gang.IsIncomplete) text.Append($" ({gang.Count} of them exist)");
        if (gang.MinSize == 0) text.Append(" (size unknown: counted are those that exist)");
        if (_ahead > 0) text.Append($", behind {_ahead} gang{(_ahead == 1 ? "" : "s")}");
        return text.ToString();
    }

    /// <summary>The shape of which most are missing.</summary>
    private string Lacking(List<GangKind> kinds, List<int[]> counts, int level, int domain)
    {
        var (worst, most) = (kinds[0], -1);
        for (var i = 0; i < kinds.Count; i++)
        {
            var room = domain < 0 && level >= 0 ? 0 : RowsIn(level, domain, [counts[i]]).Sum(row => counts[i][row]);
            if (kinds[i].Members.Count - room > most) (worst, most) = (kinds[i], kinds[i].Members.Count - room);
        }

        return worst.Shape.ToString() + (worst.Selection is { } selection ? $" on nodes with {selection}" : "");
    }

    private string WhereOf(int level) => level < 0 ? "" : level == _tree.NodeLevel ? " on its node" : $" in its {_tree.Levels[level]}";

    private int[] Count(TrialCluster trial, GangKind kind)
    {
        var counts = new int[trial.PageCount * NodePage.RowCount];
        RowRoom.Count(trial, FilterOf(kind.Shape), kind.Shape, kind.Selection, kind.Members.Count, counts);
        return counts;
    }

    private PodFilter FilterOf(PodShape shape)
    {
        if (!_filters.TryGetValue(shape, out var filter)) _filters.Add(shape, filter = new PodFilter(_snapshot.Tables, shape));
        return filter;
    }

    private List<int> RowsOf(Gang gang)
    {
        var rows = new List<int>();
        foreach (var place in gang.Placed)
        {
            if (RowOf(place.NodeName) is >= 0 and var row) rows.Add(row);
        }

        return rows;
    }

    private string NameOf(int row) => _snapshot.PageOf(row).Node(row & NodePage.RowMask)!.Name;

    private int RowOf(string nodeName) => _snapshot.Names.Find(Encoding.UTF8.GetBytes(nodeName))?.Row ?? -1;

    private GangPlan Result(Gang gang, IReadOnlyList<GangPlace> places, string reason)
    {
        List<int> rows = [.. places.Select(place => RowOf(place.NodeName)), .. RowsOf(gang)];
        return new GangPlan(gang, [.. places], DomainOf(rows), reason);
    }

    private static GangPlan Refused(Gang gang, string reason) => new(gang, [], "", reason);

    private string DomainOf(List<int> rows)
    {
        if (rows.Count == 0) return "";
        if (rows.TrueForAll(row => row == rows[0])) return rows[0] < 0 ? "" : $"node {NameOf(rows[0])}";
        for (var level = _tree.NodeLevel - 1; level >= 0; level--)
        {
            var ofRow = _tree.DomainOf(level);
            var domain = rows[0] < 0 ? -1 : ofRow[rows[0]];
            if (domain < 0) continue;
            var all = true;
            foreach (var row in rows) all &= row >= 0 && ofRow[row] == domain;
            if (all) return _tree.NameOf(level, domain);
        }

        return "";
    }
}
