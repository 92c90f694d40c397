using System.Collections.Concurrent;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Decisions;

/// <summary>What the nodes of a snapshot answer to pods of one shape. Safe for concurrent use.</summary>
internal sealed class ShapeAnswers(PodShape shape)
{
    private const int MaxReasons = 4096;

    private readonly ConcurrentDictionary<ReasonKey, Reason> _reasons = new();
    private volatile ResolvedFilter? _filter;

    public PodShape Shape { get; } = shape;

    /// <summary>Writes the rows that can take the pod, one bit per row.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="fits"><see cref="NodePage.BitmapWords"/> words per page.</param>
    public void Fits(ClusterSnapshot snapshot, Span<ulong> fits)
    {
        var filter = FilterFor(snapshot.Tables);
        var pages = snapshot.Pages;
        for (var i = 0; i < pages.Length; i++) filter.Fits(pages[i], fits.Slice(i * NodePage.BitmapWords, NodePage.BitmapWords));
    }

    /// <summary>Writes the raw score of every row.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="strategy">The strategy that scores.</param>
    /// <param name="resolver">Resolves the shape against the snapshot's tables.</param>
    /// <param name="scores"><see cref="NodePage.RowCount"/> numbers per page.</param>
    public void Scores(ClusterSnapshot snapshot, IScoringStrategy strategy, ScoringResolver resolver, Span<float> scores)
    {
        var request = resolver.Resolve(snapshot.Tables, Shape);
        var pages = snapshot.Pages;
        for (var i = 0; i < pages.Length; i++) strategy.Score(pages[i], in request, scores.Slice(i * NodePage.RowCount, NodePage.RowCount));
    }

    /// <summary>Why the node of a row cannot take the pod.</summary>
    public Reason ReasonFor(ClusterSnapshot snapshot, int row)
    {
        var filter = FilterFor(snapshot.Tables);
        var page = snapshot.PageOf(row);
        var rowInPage = row & NodePage.RowMask;
        var rejection = filter.Check(page, rowInPage);
        var causes = rejection.Causes;
        var key = new ReasonKey(
            rejection,
            causes.HasFlag(RejectionCauses.Taint) ? page.TaintSetId[rowInPage] : 0,
            causes.HasFlag(RejectionCauses.Model) ? page.ModelId[rowInPage] : 0);
        if (_reasons.TryGetValue(key, out var reason)) return reason;
        reason = new Reason(PodFilter.Classify(rejection), filter.Describe(rejection, page, rowInPage));
        if (_reasons.Count < MaxReasons) _reasons[key] = reason;
        return reason;
    }

    /// <summary>The shape resolved against tables; ids only ever get more, so it is made anew only when one of the tables it looks at grew.</summary>
    private PodFilter FilterFor(SnapshotTables tables)
    {
        var known = _filter;
        if (known is not null && known.IsGoodFor(tables)) return known.Filter;
        _filter = known = new ResolvedFilter(tables, new PodFilter(tables, Shape));
        return known.Filter;
    }

    private sealed record ResolvedFilter(SnapshotTables Tables, PodFilter Filter)
    {
        public bool IsGoodFor(SnapshotTables tables) =>
            ReferenceEquals(Tables.Resources, tables.Resources) && ReferenceEquals(Tables.Models, tables.Models)
            && ReferenceEquals(Tables.Taints, tables.Taints);
    }

    /// <summary>All that the text of a reason depends on, for one shape.</summary>
    private readonly record struct ReasonKey(Rejection Rejection, int TaintSetId, int ModelId);
}
