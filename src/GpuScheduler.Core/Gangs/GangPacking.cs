using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// Packs pods of one shape into a domain: over as few of the domains inside it as possible, the last one being the tightest that holds the rest, and
/// so on down to nodes. The same greedy choice as Kueue's topology-aware scheduling makes with its BestFit profile
/// (<c>pkg/cache/scheduler/tas_flavor_snapshot.go</c>).
/// </summary>
internal static class GangPacking
{
    /// <summary>Places so many pods on the trial and gives their rows, neighbours in the topology side by side.</summary>
    /// <param name="trial">The cluster; left half filled when the pods do not fit.</param>
    /// <param name="tree">The domains.</param>
    /// <param name="rows">The rows of the domain.</param>
    /// <param name="level">The domain's level; -1 for the whole cluster.</param>
    /// <param name="preferred">The level whose domains to use as few of as possible, before all inside it; -1 for none.</param>
    /// <param name="filter">The filter of the shape.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="need">How many pods.</param>
    /// <param name="room">How many pods every row has room for; used up.</param>
    /// <param name="partly">Fewer are better than none.</param>
    /// <returns>Null when they do not all fit, unless <paramref name="partly"/>.</returns>
    public static List<int>? Pack(
        TrialCluster trial, TopologyTree tree, List<int> rows, int level, int preferred, PodFilter filter, PodShape shape, int need, int[] room, bool partly)
    {
        var packed = new List<int>(need);
        var shares = new List<(int Row, int Count)>();
        while (packed.Count < need)
        {
            var sum = rows.Sum(row => room[row]);
            if (sum == 0 || (!partly && sum < need - packed.Count)) break;
            shares.Clear();
            Distribute(trial, tree, rows, level, preferred, Math.Min(need - packed.Count, sum), room, shares);

            // Room is counted by resource, so a row may take fewer than that; then the rest is distributed again.
            foreach (var (row, count) in shares)
            {
                for (var i = 0; i < count; i++)
                {
                    if (!trial.TryPlace(filter, shape, row))
                    {
                        room[row] = 0;
                        break;
                    }

                    room[row]--;
                    packed.Add(row);
                }
            }
        }

        if (packed.Count < need && !partly) return null;
        packed.Sort((a, b) => Compare(tree, a, b));
        return packed;
    }

    private static void Distribute(
        TrialCluster trial, TopologyTree tree, List<int> rows, int level, int preferred, int need, int[] room, List<(int Row, int Count)> shares)
    {
        var next = level < preferred ? preferred : level + 1;
        if (next >= tree.NodeLevel)
        {
            Pick(trial, rows, need, room, shares);
            return;
        }

        var groups = new Dictionary<int, (List<int> Rows, int Sum)>();
        foreach (var row in rows)
        {
            if (room[row] == 0) continue;

            // A node without the label is a domain of its own.
            var key = tree.DomainOf(next, row) is > 0 and var domain ? domain : ~row;
            var group = groups.GetValueOrDefault(key, ([], 0));
            group.Rows.Add(row);
            groups[key] = (group.Rows, group.Sum + room[row]);
        }

        var rest = groups.Values.OrderByDescending(group => group.Sum).ThenBy(group => group.Rows[0]).ToList();
        for (var i = 0; need > 0; i++)
        {
            var last = rest.FindLastIndex(group => group.Sum >= need);
            var chosen = last >= i ? rest[last] : rest[i];
            var share = Math.Min(need, chosen.Sum);
            Distribute(trial, tree, chosen.Rows, next, preferred, share, room, shares);
            need -= share;
        }
    }

    /// <summary>Fills the nodes with the most room, and with the rest the one with the least that holds it; of equals, the one with the least free.</summary>
    private static void Pick(TrialCluster trial, List<int> rows, int need, int[] room, List<(int Row, int Count)> shares)
    {
        var keys = new long[rows.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            var free = trial.PageOf(rows[i]).GpuFreeMilli[rows[i] & NodePage.RowMask];
            keys[i] = ((long)(0xFFFFF - Math.Min(room[rows[i]], 0xFFFFF)) << 40) | ((long)Math.Min(free, 0xFFFF) << 24) | (uint)i;
        }

        Array.Sort(keys);
        for (var at = 0; need > 0; at++)
        {
            var chosen = at;
            if (RoomAt(at) >= need)
            {
                while (chosen + 1 < keys.Length && RoomAt(chosen + 1) >= need) chosen++;

                // Of those with equally little room, the first has the least free.
                while (chosen > at && RoomAt(chosen - 1) == RoomAt(chosen)) chosen--;
            }

            var share = Math.Min(need, RoomAt(chosen));
            shares.Add((RowAt(chosen), share));
            need -= share;
        }

        int RowAt(int index) => rows[(int)(keys[index] & 0xFFFFFF)];
        int RoomAt(int index) => room[RowAt(index)];
    }

    private static int Compare(TopologyTree tree, int a, int b)
    {
        for (var level = 0; level < tree.NodeLevel; level++)
        {
            var order = tree.DomainOf(level, a).CompareTo(tree.DomainOf(level, b));
            if (order != 0) return order;
        }

        return a.CompareTo(b);
    }
}
