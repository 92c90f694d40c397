using System.Numerics;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// A scoring strategy that also knows which devices of the node it means. The scores of a row are a pure function of the row's columns, the
/// pod's shape and this instance, so a row is scored again only when one of them is another (<see cref="ShapeScores"/>).
/// </summary>
public abstract class PackingStrategy : IScoringStrategy
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>False for a strategy whose scores are not repeatable, so that they must not be kept.</summary>
    public virtual bool IsCacheable => true;

    /// <inheritdoc/>
    public void Score(NodePage page, in ScoringRequest request, Span<float> scores) => ScoreRows(page, request, page.Live, scores);

    /// <summary>Scores the rows whose bit is set; the other scores are left as they are.</summary>
    /// <param name="page">The rows.</param>
    /// <param name="request">The pod, resolved against the snapshot that holds the page.</param>
    /// <param name="rows"><see cref="NodePage.BitmapWords"/> words.</param>
    /// <param name="scores"><see cref="NodePage.RowCount"/> long; negative infinity for a row that lacks the devices.</param>
    public virtual void ScoreRows(NodePage page, in ScoringRequest request, ReadOnlySpan<ulong> rows, Span<float> scores)
    {
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            for (var rest = rows[word]; rest != 0; rest &= rest - 1)
            {
                var row = (word * 64) + BitOperations.TrailingZeroCount(rest);
                scores[row] = ScoreRow(page, row, request);
            }
        }
    }

    /// <summary>The score of one row: the specification of <see cref="ScoreRows"/>.</summary>
    public abstract float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request);

    /// <summary>
    /// The devices that the score of a row is about; 0 when they do not fit or none are asked for. Unless a strategy says otherwise: the
    /// tightest device for a share, the first free ones for whole GPUs.
    /// </summary>
    public virtual uint ChooseDevices(NodePage page, int rowInPage, PodShape shape) =>
        DeviceChoice.BestFit(page, rowInPage, shape.Gpu);

    /// <inheritdoc/>
    public abstract IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request);
}
