using System.Numerics;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Explaining;

/// <summary>
/// Asks the nodes of a snapshot the question that filter and prioritize ask, with the same code, and keeps what those do not: the reasons
/// counted, and what the scores of the best nodes are made of. Pure.
/// </summary>
/// <param name="resolver">Resolves shapes for scoring.</param>
public sealed class ClusterQuestion(ScoringResolver resolver)
{
    /// <summary>One bit per row of all nodes of a snapshot: who is asked when everybody is.</summary>
    public static ulong[] Everybody(ClusterSnapshot snapshot)
    {
        var rows = new ulong[snapshot.Pages.Length * NodePage.BitmapWords];
        for (var i = 0; i < snapshot.Pages.Length; i++) snapshot.Pages[i].Live.CopyTo(rows.AsSpan(i * NodePage.BitmapWords));
        return rows;
    }

    /// <summary>Asks.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="shape">The pod's shape.</param>
    /// <param name="asked">One bit per row that is asked; rows without a node are passed over.</param>
    /// <param name="strategy">Scores the nodes.</param>
    /// <param name="chooseDevices">Chooses devices on the best nodes.</param>
    /// <param name="best">At most so many nodes are told with their scores.</param>
    public ShapeAnswer Ask(
        ClusterSnapshot snapshot, PodShape shape, ReadOnlySpan<ulong> asked, IScoringStrategy strategy, DeviceChooser chooseDevices, int best)
    {
        var filter = new PodFilter(snapshot.Tables, shape);
        var request = resolver.Resolve(snapshot.Tables, shape);
        var tally = new ReasonTally(filter);
        var feasible = new List<(int Row, float Points)>();
        var count = 0;
        Span<ulong> fits = stackalloc ulong[NodePage.BitmapWords];
        Span<float> scores = stackalloc float[NodePage.RowCount];
        for (var i = 0; i < snapshot.Pages.Length; i++)
        {
            var page = snapshot.Pages[i];
            filter.Fits(page, fits);
            var isScored = false;
            for (var word = 0; word < NodePage.BitmapWords; word++)
            {
                var place = (i * NodePage.BitmapWords) + word;
                var rows = place < asked.Length ? asked[place] & page.Live[word] : 0;
                count += BitOperations.PopCount(rows);
                for (var rest = rows & ~fits[word]; rest != 0; rest &= rest - 1)
                {
                    var row = (word * 64) + BitOperations.TrailingZeroCount(rest);
                    tally.Add(filter.Check(page, row), page, row);
                }

                for (var rest = rows & fits[word]; rest != 0; rest &= rest - 1)
                {
                    if (!isScored) strategy.Score(page, in request, scores);
                    isScored = true;
                    var row = (word * 64) + BitOperations.TrailingZeroCount(rest);
                    feasible.Add((page.FirstRow + row, scores[row]));
                }
            }
        }

        return new ShapeAnswer(snapshot.Generation, count, feasible.Count, tally.ToList(), Best(snapshot, feasible, in request, strategy, chooseDevices, best));
    }

    private static List<ScoredNode> Best(
        ClusterSnapshot snapshot, List<(int Row, float Points)> feasible, in ScoringRequest request, IScoringStrategy strategy,
        DeviceChooser chooseDevices, int count)
    {
        var normalized = new byte[feasible.Count];
        ScoreNormalizer.Normalize([.. feasible.Select(node => node.Points)], normalized);
        var best = new List<ScoredNode>();
        foreach (var (place, (row, points)) in feasible.Index().OrderByDescending(node => node.Item.Points).Take(count))
        {
            var page = snapshot.PageOf(row);
            var at = row & NodePage.RowMask;
            var devices = page.GpuCount[at] == 0 || request.Shape.Gpu.IsNone ? 0 : chooseDevices(page, at, request.Shape);
            best.Add(new ScoredNode(
                page.Node(at)!.Name, normalized[place], points, strategy.Explain(page, at, in request),
                [.. Enumerable.Range(0, 32).Where(device => (devices >> device & 1) != 0)]));
        }

        return best;
    }
}
