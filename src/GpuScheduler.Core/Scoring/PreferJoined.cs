using System.Numerics;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>
/// Puts nodes that can give a pod joined GPUs, as its annotations prefer, before all others; among nodes of the same kind another strategy
/// decides. For pods with <see cref="Wish.Preferred"/> constraints only.
/// </summary>
/// <param name="inner">The strategy underneath.</param>
public sealed class PreferJoined(IScoringStrategy inner) : IScoringStrategy
{
    /// <summary>Greater than any difference between scores of the strategies there are, small enough to keep hundredths of theirs.</summary>
    private const float Bonus = 262_144;

    /// <inheritdoc/>
    public string Name => inner.Name;

    /// <summary>The strategy underneath.</summary>
    public IScoringStrategy Inner => inner;

    /// <inheritdoc/>
    public void Score(NodePage page, in ScoringRequest request, Span<float> scores)
    {
        inner.Score(page, in request, scores);
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            for (var rest = page.Live[word]; rest != 0; rest &= rest - 1)
            {
                var row = (word * 64) + BitOperations.TrailingZeroCount(rest);
                if (IsJoined(request.Shape, page, row)) scores[row] += Bonus;
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var terms = inner.Explain(page, rowInPage, in request);
        return IsJoined(request.Shape, page, rowInPage)
            ? [.. terms, new ScoreTerm("joined GPUs", Bonus, "has enough free GPUs that are joined as the pod prefers")] : terms;
    }

    private static bool IsJoined(PodShape shape, NodePage page, int rowInPage)
    {
        var wants = shape.Constraints!;
        var free = ConstraintCheck.WithRoom(ConstraintCheck.Allowed(wants, page, rowInPage), page, rowInPage, shape.Gpu);
        return page.Node(rowInPage)!.Topology.MostJoined(free, shape.Gpu.Count, wants.LinkIsland != Wish.None, wants.NumaNode != Wish.None) >= shape.Gpu.Count;
    }
}
