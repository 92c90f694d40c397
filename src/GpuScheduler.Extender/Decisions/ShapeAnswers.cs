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
/// <param name="shape">The shape.</param>
/// <param name="texts">Keeps what is told of failed nodes; null where the answers are good for one call alone.</param>
internal sealed class ShapeAnswers(PodShape shape, FailureTexts? texts = null)
{
    public const int ReasonBits = 12;

    /// <summary>Reasons beyond so many, one less, are not remembered.</summary>
    public const int MaxReasons = 1 << ReasonBits;

    private readonly Lock _growing = new();
    private readonly int _number = texts?.NextShape() ?? 0;
    private readonly Dictionary<ReasonKey, int> _reasonNumbers = [];
    private volatile Reason[] _reasons = [];
    private volatile PageAnswers[] _pages = [];
    private volatile ResolvedFilter? _filter;

    public PodShape Shape { get; } = shape;

    /// <summary>Writes which of the asked rows can take the pod, one bit per row.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="asked"><see cref="NodePage.BitmapWords"/> words per page.</param>
    /// <param name="fits">Receives as many.</param>
    public void Fits(ClusterSnapshot snapshot, ReadOnlySpan<ulong> asked, Span<ulong> fits)
    {
        var known = PagesFor(snapshot);
        var filter = FilterFor(snapshot.Tables);
        var pages = snapshot.Pages;
        for (var i = 0; i < pages.Length; i++)
        {
            var askedHere = asked.Slice(i * NodePage.BitmapWords, NodePage.BitmapWords);
            var words = fits.Slice(i * NodePage.BitmapWords, NodePage.BitmapWords);
            if (!askedHere.ContainsAnyExcept(0UL))
            {
                words.Clear();
                continue;
            }

            if (!known[i].TryGetFits(pages[i].Generation, words))
            {
                filter.Fits(pages[i], words);
                known[i].SetFits(pages[i].Generation, words);
            }

            for (var word = 0; word < words.Length; word++) words[word] &= askedHere[word];
        }
    }

    /// <summary>Writes the raw score of every row that is chosen, and negative infinity for all others.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="chosen"><see cref="NodePage.BitmapWords"/> words per page.</param>
    /// <param name="strategy">The strategy that scores.</param>
    /// <param name="resolver">Resolves the shape against the snapshot's tables.</param>
    /// <param name="scores"><see cref="NodePage.RowCount"/> numbers per page.</param>
    public void Scores(
        ClusterSnapshot snapshot, ReadOnlySpan<ulong> chosen, IScoringStrategy strategy, ScoringResolver resolver, Span<float> scores)
    {
        var known = PagesFor(snapshot);
        var request = resolver.Resolve(snapshot.Tables, Shape);
        var pages = snapshot.Pages;
        for (var i = 0; i < pages.Length; i++)
        {
            var chosenHere = chosen.Slice(i * NodePage.BitmapWords, NodePage.BitmapWords);
            var ofPage = scores.Slice(i * NodePage.RowCount, NodePage.RowCount);
            if (!chosenHere.ContainsAnyExcept(0UL))
            {
                ofPage.Fill(float.NegativeInfinity);
                continue;
            }

            if (!known[i].TryGetScores(pages[i].Generation, strategy, ofPage))
            {
                strategy.Score(pages[i], in request, ofPage);
                known[i].SetScores(pages[i].Generation, strategy, ofPage);
            }

            RowBits.KeepScores(chosenHere, ofPage);
        }
    }

    /// <summary>Tells why rows cannot take the pod.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="asked">The rows asked for, one bit each.</param>
    /// <param name="fits">Those that can take it.</param>
    /// <param name="failed">Gets the others, in the order of the rows.</param>
    public void Explain(ClusterSnapshot snapshot, ReadOnlySpan<ulong> asked, ReadOnlySpan<ulong> fits, FailedNodes failed)
    {
        var known = PagesFor(snapshot);
        Span<ulong> rows = stackalloc ulong[NodePage.BitmapWords];
        for (var page = 0; page < snapshot.Pages.Length; page++)
        {
            var first = page * NodePage.BitmapWords;
            var any = 0UL;
            for (var word = 0; word < rows.Length; word++) any |= rows[word] = asked[first + word] & ~fits[first + word];
            if (any != 0) Explain(snapshot, page, rows, known[page], failed);
        }
    }

    private void Explain(ClusterSnapshot snapshot, int number, ReadOnlySpan<ulong> rows, PageAnswers known, FailedNodes failed)
    {
        var page = snapshot.Pages[number];
        if (texts?.Find(_number, number) is { } told && told.IsOf(page.Generation, rows))
        {
            failed.Add(told);
            return;
        }

        // Kept from the second time on: while pods come fast a page has mostly changed again before anyone asks.
        var isKept = texts?.IsAgain(_number, number, page.Generation) is true;
        var entries = isKept ? failed.Page : failed.Own;
        if (isKept) entries.Clear();
        var names = snapshot.Names.NamesOf(number);
        foreach (var row in new RowList(rows)) entries.Add(names, row, ReasonOf(snapshot.Tables, page, row, known));
        if (!isKept) return;
        var made = entries.ToPage(page.Generation, rows);
        texts!.Set(_number, number, made);
        failed.Add(made);
    }

    private Reason ReasonOf(SnapshotTables tables, NodePage page, int rowInPage, PageAnswers known)
    {
        var number = known.ReasonOf(page.RowGeneration(rowInPage), rowInPage);
        return number >= 0 ? _reasons[number] : Remember(tables, page, rowInPage, known);
    }

    private Reason Remember(SnapshotTables tables, NodePage page, int rowInPage, PageAnswers known)
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
                var reason = Describe(filter, rejection, page, rowInPage);
                number = _reasons.Length;
                if (number == MaxReasons - 1) return reason;
                _reasons = [.. _reasons, reason];
                _reasonNumbers.Add(key, number);
            }
        }

        known.SetReason(page.RowGeneration(rowInPage), rowInPage, number);
        return _reasons[number];
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
