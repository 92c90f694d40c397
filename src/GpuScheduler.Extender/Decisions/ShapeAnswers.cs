using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

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

    /// <summary>In place of the number of a reason of which there are too many others.</summary>
    public const int NoNumber = int.MinValue;

    private readonly Lock _growing = new();
    private readonly Dictionary<ReasonKey, int> _reasonNumbers = [];
    private volatile Reason[] _reasons = [];
    private volatile PageAnswers[] _pages = [];
    private volatile ResolvedFilter? _filter;

    public PodShape Shape { get; } = shape;

    /// <summary>Writes the rows that can take the pod, one bit per row, of the pages that have an asked row.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="asked">Per page; the words of a page that is not asked for are left as they are in <paramref name="fits"/>.</param>
    /// <param name="fits"><see cref="NodePage.BitmapWords"/> words per page.</param>
    public void Fits(ClusterSnapshot snapshot, ReadOnlySpan<bool> asked, Span<ulong> fits)
    {
        var known = PagesFor(snapshot);
        var filter = FilterFor(snapshot.Tables);
        var pages = snapshot.Pages;
        for (var i = 0; i < pages.Length; i++)
        {
            if (!asked[i]) continue;
            var words = fits.Slice(i * NodePage.BitmapWords, NodePage.BitmapWords);
            if (known[i].TryGetFits(pages[i].Generation, words)) continue;
            filter.Fits(pages[i], words);
            known[i].SetFits(pages[i].Generation, words);
        }
    }

    /// <summary>Writes the raw score of every row of the pages that have an asked row.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="asked">Per page.</param>
    /// <param name="strategy">The strategy that scores.</param>
    /// <param name="resolver">Resolves the shape against the snapshot's tables.</param>
    /// <param name="scores"><see cref="NodePage.RowCount"/> numbers per page.</param>
    public void Scores(
        ClusterSnapshot snapshot, ReadOnlySpan<bool> asked, IScoringStrategy strategy, ScoringResolver resolver, Span<float> scores)
    {
        var known = PagesFor(snapshot);
        var request = resolver.Resolve(snapshot.Tables, Shape);
        var pages = snapshot.Pages;
        for (var i = 0; i < pages.Length; i++)
        {
            if (!asked[i]) continue;
            var ofPage = scores.Slice(i * NodePage.RowCount, NodePage.RowCount);
            if (known[i].TryGetScores(pages[i].Generation, strategy, ofPage)) continue;
            strategy.Score(pages[i], in request, ofPage);
            known[i].SetScores(pages[i].Generation, strategy, ofPage);
        }
    }

    /// <summary>The reasons there are so far, by number; asked for after <see cref="ReasonNumbers"/>, it has those.</summary>
    public ReadOnlySpan<Reason> Reasons => _reasons;

    /// <summary>Writes the numbers of the reasons why nodes cannot take the pod; <see cref="NoNumber"/> where a reason has none.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="asked">The nodes asked for.</param>
    /// <param name="failed">Which of them cannot take the pod; their rows are in the snapshot.</param>
    /// <param name="numbers">Receives a number for each.</param>
    public void ReasonNumbers(ClusterSnapshot snapshot, ReadOnlySpan<AskedNode> asked, ReadOnlySpan<int> failed, Span<int> numbers)
    {
        var known = PagesFor(snapshot);
        var pages = snapshot.Pages;
        for (var i = 0; i < failed.Length; i++)
        {
            var row = asked[failed[i]].Row;
            var page = pages[row >> NodePage.Shift];
            var number = known[row >> NodePage.Shift].ReasonOf(page.Generation, row & NodePage.RowMask);
            numbers[i] = number >= 0 ? number : Remember(snapshot.Tables, known[row >> NodePage.Shift], page, row & NodePage.RowMask);
        }
    }

    /// <summary>Why the node of a row cannot take the pod.</summary>
    public Reason ReasonFor(ClusterSnapshot snapshot, int row)
    {
        var (filter, page, rowInPage) = (FilterFor(snapshot.Tables), snapshot.PageOf(row), row & NodePage.RowMask);
        return Describe(filter, filter.Check(page, rowInPage), page, rowInPage);
    }

    private int Remember(SnapshotTables tables, PageAnswers known, NodePage page, int rowInPage)
    {
        var filter = FilterFor(tables);
        var rejection = filter.Check(page, rowInPage);
        var causes = rejection.Causes;
        var key = new ReasonKey(
            rejection,
            (causes & RejectionCauses.Taint) != RejectionCauses.None ? page.TaintSetId[rowInPage] : 0,
            (causes & RejectionCauses.Model) != RejectionCauses.None ? page.ModelId[rowInPage] : 0,
            (causes & RejectionCauses.OtherSharing) != RejectionCauses.None ? page.FirstRow + rowInPage : 0,
            (causes & RejectionCauses.Reserved) != RejectionCauses.None ? page.GpuClosed[rowInPage] : 0);
        int number;
        lock (_growing)
        {
            if (!_reasonNumbers.TryGetValue(key, out number))
            {
                number = _reasons.Length;
                if (number == MaxReasons - 1) return NoNumber;
                _reasons = [.. _reasons, Describe(filter, rejection, page, rowInPage)];
                _reasonNumbers.Add(key, number);
            }
        }

        known.SetReason(page.Generation, rowInPage, number);
        return number;
    }

    private Reason Describe(PodFilter filter, Rejection rejection, NodePage page, int rowInPage) =>
        new(PodFilter.Classify(rejection), RejectionLabels.Of(rejection, Shape), filter.Describe(rejection, page, rowInPage) + filter.Note);

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
            && ReferenceEquals(Tables.Taints, tables.Taints) && ReferenceEquals(Tables.Reservations, tables.Reservations);
    }

    /// <summary>All that the text of a reason depends on, for one shape.</summary>
    private readonly record struct ReasonKey(Rejection Rejection, int TaintSetId, int ModelId, int Row, int Reservation);
}
