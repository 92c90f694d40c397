using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>The room one topology domain has for a gang, by count.</summary>
/// <param name="Domain">The domain's number at its level; a row at the level of nodes.</param>
/// <param name="Fit">How many of the gang's pods it has room for.</param>
/// <param name="IsEnough">It has room for all pods of each kind.</param>
/// <param name="LeftOver">For how many more it would have room.</param>
/// <param name="FreeMilli">Free thousandths of GPUs in it.</param>
internal readonly record struct GangRoom(int Domain, int Fit, bool IsEnough, long LeftOver, long FreeMilli)
{
    /// <summary>Sums up the rows of every domain of a level; -1 is the whole cluster as one domain. Domains without any room are left out.</summary>
    public static List<GangRoom> Sum(TrialCluster trial, TopologyTree tree, int level, List<GangKind> kinds, List<int[]> counts)
    {
        var rows = counts[0].Length;
        var isNode = level == tree.NodeLevel;
        var domains = level < 0 ? 1 : isNode ? rows : tree.CountAt(level);
        var ofRow = level < 0 || isNode ? default : tree.DomainOf(level);
        var sums = new long[kinds.Count][];
        for (var kind = 0; kind < sums.Length; kind++)
        {
            var sum = sums[kind] = new long[domains];
            var count = counts[kind];
            for (var row = 0; row < rows; row++)
            {
                if (count[row] == 0) continue;
                var domain = level < 0 ? 0 : isNode ? row : ofRow[row];
                if (domain >= 0) sum[domain] += count[row];
            }
        }

        var free = new long[domains];
        for (var row = 0; row < rows; row++)
        {
            var domain = level < 0 ? 0 : isNode ? row : ofRow[row];
            if (domain >= 0) free[domain] += trial.PageOf(row).GpuFreeMilli[row & NodePage.RowMask];
        }

        var found = new List<GangRoom>();
        for (var domain = 0; domain < domains; domain++)
        {
            var (fit, left, enough) = (0, 0L, true);
            for (var kind = 0; kind < sums.Length; kind++)
            {
                var (sum, need) = (sums[kind][domain], kinds[kind].Members.Count);
                fit += (int)Math.Min(sum, need);
                left += Math.Max(0, sum - need);
                enough &= sum >= need;
            }

            if (fit > 0) found.Add(new GangRoom(domain, fit, enough, left, free[domain]));
        }

        return found;
    }
}
