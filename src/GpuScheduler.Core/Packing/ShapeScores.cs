using System.Runtime.Intrinsics;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// The scores of all nodes for one shape, kept from snapshot to snapshot: a page that is the same is not looked at again, of a page that
/// changed only the rows that changed are scored. Not thread-safe; whoever keeps it guards it.
/// </summary>
public sealed class ShapeScores
{
    private readonly PodShape _shape;
    private readonly ScoringResolver _resolver;
    private PageScores[] _pages = [];
    private PackingStrategy? _strategy;
    private SnapshotTables? _tables;
    private PodFilter? _filter;
    private ScoringRequest _request;

    /// <summary>Nothing kept yet.</summary>
    /// <param name="shape">The pods' shape.</param>
    /// <param name="resolver">Resolves it against snapshots.</param>
    public ShapeScores(PodShape shape, ScoringResolver resolver) => (_shape, _resolver) = (shape, resolver);

    /// <summary>Rows scored so far: what keeping saves.</summary>
    public long RowsScored { get; private set; }

    /// <summary>Brings the scores up to date with a snapshot and a strategy.</summary>
    public void Update(ClusterSnapshot snapshot, PackingStrategy strategy)
    {
        var pages = snapshot.Pages;
        if (!ReferenceEquals(strategy, _strategy) || pages.Length < _pages.Length || !strategy.IsCacheable) _pages = [];
        if (!ReferenceEquals(snapshot.Tables, _tables))
        {
            // A longer resource table can make a request satisfiable, and ids may be new: filter anew, the scores stay true.
            _filter = new PodFilter(snapshot.Tables, _shape);
            _request = _resolver.Resolve(snapshot.Tables, _shape);
            _tables = snapshot.Tables;
            foreach (var kept in _pages) kept.Page = null;
        }

        _strategy = strategy;
        if (_pages.Length < pages.Length)
        {
            var grown = new PageScores[pages.Length];
            for (var i = 0; i < grown.Length; i++) grown[i] = i < _pages.Length ? _pages[i] : new PageScores();
            _pages = grown;
        }

        for (var i = 0; i < pages.Length; i++)
        {
            if (!ReferenceEquals(_pages[i].Page, pages[i])) Update(_pages[i], pages[i]);
        }
    }

    /// <summary>The fitting row with the best score after <see cref="Update(ClusterSnapshot, PackingStrategy)"/>; -1 when the pod fits nowhere.</summary>
    /// <param name="random">Chooses among equally good rows, as kube-scheduler's selectHost does; null for the first of them.</param>
    public int Best(Random? random = null)
    {
        var best = -1;
        var ties = 0;
        for (var i = 0; i < _pages.Length; i++)
        {
            var page = _pages[i];
            if (page.Ties == 0) continue;
            if (best < 0 || page.BestScore > _pages[best].BestScore) (best, ties) = (i, page.Ties);
            else if (page.BestScore == _pages[best].BestScore) ties += page.Ties;
        }

        if (best < 0) return -1;
        var skip = random is null || ties == 1 ? 0 : random.Next(ties);
        for (var i = best; ; i++)
        {
            if (_pages[i].Ties == 0 || _pages[i].BestScore != _pages[best].BestScore) continue;
            if (skip < _pages[i].Ties) return (i << NodePage.Shift) + _pages[i].RowOfTie(skip);
            skip -= _pages[i].Ties;
        }
    }

    /// <summary>The score of a row; negative infinity where the pod does not fit.</summary>
    public float this[int row]
    {
        get
        {
            var page = _pages[row >> NodePage.Shift];
            var at = row & NodePage.RowMask;
            return (page.Fits[at >> 6] >> (at & 63) & 1) != 0 ? page.Scores[at] : float.NegativeInfinity;
        }
    }

    private void Update(PageScores kept, NodePage page)
    {
        kept.Page = page;
        kept.Generation = page.Generation;
        _filter!.Fits(page, kept.Fits);
        Span<ulong> stale = stackalloc ulong[NodePage.BitmapWords];
        if (kept.FindStale(page, stale))
        {
            RowsScored += kept.Stamp(page, stale);
            _strategy!.ScoreRows(page, _request, stale, kept.Scores);
        }

        kept.FindBest();
    }

    private sealed class PageScores
    {
        private readonly long[] _scoredAt = NewStamps();

        public NodePage? Page { get; set; }

        public long Generation { get; set; }

        public ulong[] Fits { get; } = new ulong[NodePage.BitmapWords];

        public float[] Scores { get; } = new float[NodePage.RowCount];

        public float BestScore { get; private set; }

        /// <summary>How many fitting rows have the best score; 0 when none fits.</summary>
        public int Ties { get; private set; }

        /// <summary>Sets the bits of fitting rows that changed since they were scored.</summary>
        public bool FindStale(NodePage page, Span<ulong> stale)
        {
            ulong any = 0;
            for (var word = 0; word < NodePage.BitmapWords; word++)
            {
                stale[word] = 0;
                if (Fits[word] == 0) continue;
                ulong changed = 0;
                for (var part = 0; part < 64; part += Vector256<long>.Count)
                {
                    var at = (word * 64) + part;
                    var generations = page.RowGenerations(at / NodePage.GenerationsTogether)[(at % NodePage.GenerationsTogether)..];
                    var same = Vector256.Equals(Vector256.Create(generations), Vector256.Create(_scoredAt.AsSpan(at)));
                    changed |= (ulong)(~same).ExtractMostSignificantBits() << part;
                }

                any |= stale[word] = changed & Fits[word];
            }

            return any != 0;
        }

        public int Stamp(NodePage page, ReadOnlySpan<ulong> rows)
        {
            var count = 0;
            for (var word = 0; word < NodePage.BitmapWords; word++)
            {
                for (var rest = rows[word]; rest != 0; rest &= rest - 1)
                {
                    var row = (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(rest);
                    _scoredAt[row] = page.RowGeneration(row);
                    count++;
                }
            }

            return count;
        }

        public void FindBest()
        {
            var best = Vector256.Create(float.NegativeInfinity);
            for (var at = 0; at < NodePage.RowCount; at += Vector256<float>.Count)
            {
                best = Vector256.MaxNative(best, Vector256.ConditionalSelect(Mask(at), Vector256.Create(Scores.AsSpan(at)), best));
            }

            BestScore = float.NegativeInfinity;
            for (var lane = 0; lane < Vector256<float>.Count; lane++) BestScore = Math.Max(BestScore, best[lane]);
            Ties = 0;
            for (var at = 0; at < NodePage.RowCount; at += Vector256<float>.Count) Ties += System.Numerics.BitOperations.PopCount(TieBits(at));
        }

        public int RowOfTie(int skip)
        {
            for (var at = 0; ; at += Vector256<float>.Count)
            {
                for (var rest = TieBits(at); rest != 0; rest &= rest - 1)
                {
                    if (skip-- == 0) return at + System.Numerics.BitOperations.TrailingZeroCount(rest);
                }
            }
        }

        private uint TieBits(int at) =>
            (Vector256.Equals(Vector256.Create(Scores.AsSpan(at)), Vector256.Create(BestScore)) & Mask(at)).ExtractMostSignificantBits();

        private Vector256<float> Mask(int at)
        {
            var bits = Vector256.Create((int)(Fits[at >> 6] >> (at & 63) & 0xFF));
            var place = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
            return Vector256.Equals(bits & place, place).AsSingle();
        }

        private static long[] NewStamps()
        {
            var stamps = new long[NodePage.RowCount];
            Array.Fill(stamps, -1);
            return stamps;
        }
    }
}
