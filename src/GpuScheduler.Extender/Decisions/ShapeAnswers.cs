using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// What the nodes of a cluster answer to pods of one shape. An answer is kept per page and stamped with the page's
/// <see cref="NodePage.Generation"/>, so that only pages that changed are asked again. Good for the snapshots of one ledger. Safe for
/// concurrent use, without locks but for the first sight of a reason.
/// </summary>
internal sealed class ShapeAnswers(PodShape shape)
{
    public const int ReasonBits = 12;
    public const int MaxReasons = 1 << ReasonBits;

    private readonly Lock _growing = new();
    private readonly Dictionary<ReasonKey, int> _reasonNumbers = [];
    private volatile Reason[] _reasons = [];
    private volatile PageAnswers[] _pages = [];
    private volatile ResolvedFilter? _filter;

    public PodShape Shape { get; } = shape;

    /// <summary>Writes the rows that can take the pod, one bit per row, of the pages that have an asked row.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="asked">One bit per row; the words of a page that is not asked for are left as they are in <paramref name="fits"/>.</param>
    /// <param name="fits"><see cref="NodePage.BitmapWords"/> words per page.</param>
    public void Fits(ClusterSnapshot snapshot, ReadOnlySpan<ulong> asked, Span<ulong> fits)
    {
        var known = PagesFor(snapshot);
        var filter = FilterFor(snapshot.Tables);
        var pages = snapshot.Pages;
        for (var i = 0; i < pages.Length; i++)
        {
            if (!asked.Slice(i * NodePage.BitmapWords, NodePage.BitmapWords).ContainsAnyExcept(0UL)) continue;
            var words = fits.Slice(i * NodePage.BitmapWords, NodePage.BitmapWords);
            if (known[i].TryGetFits(pages[i].Generation, words)) continue;
            filter.Fits(pages[i], words);
            known[i].SetFits(pages[i].Generation, words);
        }
    }

    /// <summary>Writes the raw score of every row of the pages that have an asked row.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="asked">One bit per row.</param>
    /// <param name="strategy">The strategy that scores.</param>
    /// <param name="resolver">Resolves the shape against the snapshot's tables.</param>
    /// <param name="scores"><see cref="NodePage.RowCount"/> numbers per page.</param>
    public void Scores(
        ClusterSnapshot snapshot, ReadOnlySpan<ulong> asked, IScoringStrategy strategy, ScoringResolver resolver, Span<float> scores)
    {
        var known = PagesFor(snapshot);
        var request = resolver.Resolve(snapshot.Tables, Shape);
        var pages = snapshot.Pages;
        for (var i = 0; i < pages.Length; i++)
        {
            if (!asked.Slice(i * NodePage.BitmapWords, NodePage.BitmapWords).ContainsAnyExcept(0UL)) continue;
            var ofPage = scores.Slice(i * NodePage.RowCount, NodePage.RowCount);
            if (known[i].TryGetScores(pages[i].Generation, strategy, ofPage)) continue;
            strategy.Score(pages[i], in request, ofPage);
            known[i].SetScores(pages[i].Generation, strategy, ofPage);
        }
    }

    /// <summary>Why the node of a row cannot take the pod.</summary>
    public Reason ReasonFor(ClusterSnapshot snapshot, int row)
    {
        var page = snapshot.PageOf(row);
        var rowInPage = row & NodePage.RowMask;
        var known = PagesFor(snapshot)[row >> NodePage.Shift];
        var number = known.ReasonOf(page.Generation, rowInPage);
        if (number >= 0) return _reasons[number];

        var filter = FilterFor(snapshot.Tables);
        var rejection = filter.Check(page, rowInPage);
        var causes = rejection.Causes;
        var key = new ReasonKey(
            rejection,
            (causes & RejectionCauses.Taint) != RejectionCauses.None ? page.TaintSetId[rowInPage] : 0,
            (causes & RejectionCauses.Model) != RejectionCauses.None ? page.ModelId[rowInPage] : 0,
            (causes & RejectionCauses.OtherSharing) != RejectionCauses.None ? row : 0);
        lock (_growing)
        {
            if (!_reasonNumbers.TryGetValue(key, out number))
            {
                var reason = new Reason(PodFilter.Classify(rejection), filter.Describe(rejection, page, rowInPage));
                number = _reasons.Length;
                if (number == MaxReasons - 1) return reason;
                _reasons = [.. _reasons, reason];
                _reasonNumbers.Add(key, number);
            }
        }

        known.SetReason(page.Generation, rowInPage, number);
        return _reasons[number];
    }

    private PageAnswers[] PagesFor(ClusterSnapshot snapshot)
    {
        var pages = _pages;
        return pages.Length >= snapshot.Pages.Length ? pages : Grow(snapshot.Pages.Length);
    }

    private PageAnswers[] Grow(int count)
    {
        lock (_growing)
        {
            var pages = _pages;
            if (pages.Length >= count) return pages;
            var grown = new PageAnswers[count];
            for (var i = 0; i < count; i++) grown[i] = i < pages.Length ? pages[i] : new PageAnswers();
            return _pages = grown;
        }
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
    private readonly record struct ReasonKey(Rejection Rejection, int TaintSetId, int ModelId, int Row);
}
