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
internal sealed partial class GangPlanner
{
    /// <summary>How many domains of one level are tried: by count all of them hold the gang, and mostly the first does.</summary>
    private const int MaxAttempts = 8;

    private readonly ClusterSnapshot _snapshot;
    private readonly TopologyTree _tree;
    private readonly Dictionary<(PodShape Shape, bool HeedsReservations), PodFilter> _filters = [];
    private TrialCluster _trial;
    private bool _heedsReservations;
    private int _ahead;

    public GangPlanner(ClusterSnapshot snapshot, TrialCluster trial) => (_snapshot, _tree, _trial) = (snapshot, new TopologyTree(snapshot), trial);

    /// <summary>Plans a gang.</summary>
    /// <param name="gang">The gang.</param>
    /// <param name="last">Its plan on an earlier snapshot: kept as long as it still fits, so that pods which follow it stay together. Null for none.</param>
    public GangPlan Plan(Gang gang, GangPlan? last)
    {
        _heedsReservations = !_snapshot.MayUseKept(gang);
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
        var domains = new GangDomains(_trial, _tree, RoomsFor(_trial, kinds), RowsOf(gang));
        for (var level = Innermost(kinds, limits.Required); level >= limits.Required; level--)
        {
            foreach (var (_, rows) in domains.Holding(level).Take(MaxAttempts))
            {
                if (TryPack(_trial, rows, level, limits.Preferred, kinds) is not { } packed) continue;
                _trial = packed.Trial;
                return Result(gang, packed.Places, "");
            }
        }

        return gang.IsStarted ? MakeInPart(gang, kinds, domains, limits) : Refused(gang, Shortfall(gang, members, domains, limits.Required));
    }

    /// <summary>A gang that asks for more GPUs than a node has is not looked for on one, unless it must be.</summary>
    private int Innermost(List<GangKind> kinds, int required) =>
        required < _tree.NodeLevel && kinds.Sum(kind => (long)kind.Members.Count * kind.Shape.Gpu.TotalMilli) > NodePage.MaxDevices * GpuDemand.WholeMilli
            ? _tree.NodeLevel - 1 : _tree.NodeLevel;

    /// <summary>A gang that runs takes what it can get: as many of its waiting pods as fit, near those that run.</summary>
    private GangPlan MakeInPart(Gang gang, List<GangKind> kinds, GangDomains domains, (int Required, int Preferred) limits)
    {
        var level = limits.Required;
        var (domain, fit) = domains.Best(level);
        var rows = fit == 0 ? [] : domains.WithRoom(domains.RowsOf(level, domain));
        var lacking = Lacking(domains, rows);
        var where = level < 0 ? "" : fit == 0 ? WhereOf(level) : level == _tree.NodeLevel ? $" on its node, {NameOf(domain)}" : $" in its domain, {_tree.NameOf(level, domain)}";
        var places = new List<GangPlace>();
        foreach (var kind in kinds)
        {
            var room = new RowRooms(_trial, kind, FilterOf(kind.Shape)).CopyOf(rows);
            var some = GangPacking.Pack(_trial, _tree, rows, level, limits.Preferred, FilterOf(kind.Shape), kind.Shape, kind.Members.Count, room, partly: true)!;
            for (var i = 0; i < some.Count; i++) places.Add(new GangPlace(kind.Shape, NameOf(some[i]), kind.Members[i].Uid));
        }

        var waiting = kinds.Sum(kind => kind.Members.Count);
        var missing = waiting - places.Count;
        return Result(
            gang, places,
            $"{gang.Key}: it runs, and {places.Count} of its {waiting} waiting pods fit{where}{(missing > 0 ? $", no room for {missing} more with {lacking}" : "")}{Keeping(gang)}");
    }

    private (TrialCluster Trial, List<GangPlace> Places)? TryPack(TrialCluster cluster, List<int> rows, int level, int preferred, List<GangKind> kinds)
    {
        var trial = cluster.Fork();
        var places = new List<GangPlace>();
        foreach (var kind in kinds)
        {
            var filter = FilterOf(kind.Shape);
            var room = new RowRooms(trial, kind, filter).CopyOf(rows);
            var packed = GangPacking.Pack(trial, _tree, rows, level, preferred, filter, kind.Shape, kind.Members.Count, room, partly: false);
            if (packed is null) return null;
            for (var j = 0; j < packed.Count; j++) places.Add(new GangPlace(kind.Shape, NameOf(packed[j]), kind.Members[j].Uid));
        }

        return (trial, places);
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

    private string Shortfall(Gang gang, List<GangMember> members, GangDomains domains, int level)
    {
        var text = new StringBuilder($"{gang.Key}: ");
        var (domain, fit) = domains.Best(level);
        var where = level < 0 || fit == 0 ? "" : level == _tree.NodeLevel ? $" on the best node, {NameOf(domain)}" : $" in the best domain, {_tree.NameOf(level, domain)}";
        text.Append(fit < members.Count
            ? $"{fit} of {members.Count} pods fit at once{where}, no room for {members.Count - fit} more with {Lacking(domains, fit == 0 ? [] : domains.RowsOf(level, domain))}"
            : $"its {members.Count} pods do not fit at once{where}, though each alone would");
        if (gang.IsIncomplete) text.Append($" ({gang.Count} of them exist)");
        if (gang.MinSize == 0) text.Append(" (size unknown: counted are those that exist)");
        if (_ahead > 0) text.Append($", behind {_ahead} gang{(_ahead == 1 ? "" : "s")}");
        return text.Append(Keeping(gang)).ToString();
    }

    /// <summary>What is kept for the gang, or from it.</summary>
    private string Keeping(Gang gang) => _snapshot.Reservation is not { } kept ? ""
        : kept.Key == gang.Key ? $"; {kept.Where} free for it until they all fit"
        : _heedsReservations ? $"; {kept.Where} for {kept.Key}, which has waited long" : "";

    /// <summary>The shape of which most are missing.</summary>
    private static string Lacking(GangDomains domains, List<int> rows)
    {
        var worst = domains.Rooms.MaxBy(room => room.Need - room.Sum(rows))!.Kind;
        return worst.Shape.ToString() + (worst.Selection is { } selection ? $" on nodes with {selection}" : "");
    }

    private string WhereOf(int level) => level < 0 ? "" : level == _tree.NodeLevel ? " on its node" : $" in its {_tree.Levels[level]}";

    private List<RowRooms> RoomsFor(TrialCluster trial, List<GangKind> kinds) => kinds.ConvertAll(kind => new RowRooms(trial, kind, FilterOf(kind.Shape)));

    private PodFilter FilterOf(PodShape shape)
    {
        if (!_filters.TryGetValue((shape, _heedsReservations), out var filter))
        {
            _filters.Add((shape, _heedsReservations), filter = new PodFilter(_snapshot.Tables, shape, _heedsReservations));
        }

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
            var domain = rows[0] < 0 ? DomainTable.Cluster : _tree.DomainOf(level, rows[0]);
            if (domain == DomainTable.Cluster) continue;
            var all = true;
            foreach (var row in rows) all &= row >= 0 && _tree.DomainOf(level, row) == domain;
            if (all) return _tree.NameOf(level, domain);
        }

        return "";
    }
}
