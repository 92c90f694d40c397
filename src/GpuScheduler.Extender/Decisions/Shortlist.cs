using System.Numerics;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// Chooses the few feasible nodes that filter returns when it does not return them all. Scores are split into ten equal steps between the
/// worst and the best; whole steps are taken from the top, and of the step that does not fit whole, topology domains take turns, those with
/// the best node first, each giving its best nodes: spreading and volumes, which kube-scheduler judges after us, still find a choice. The best
/// node of all is always among them. O(rows), no allocation once the room has grown. Used by one call at a time.
/// </summary>
internal sealed class Shortlist
{
    private const int Steps = 10;

    private ulong[] _chosen = [];
    private byte[] _steps = [];
    private Domain[] _domains = [];
    private int[] _order = [];
    private float[] _keys = [];
    private int[] _places = [];
    private float[] _placeScores = [];

    // Those of the step that does not fit whole: their rows and domains.
    private int[] _candidates = [];
    private int[] _domainOf = [];

    /// <summary>Chooses at most <paramref name="limit"/> of the nodes that fit.</summary>
    /// <param name="fits">One bit per row.</param>
    /// <param name="scores">One number per row; higher is better, and negative infinity where the row does not fit.</param>
    /// <param name="snapshot">The snapshot of the rows.</param>
    /// <param name="level">The topology level whose domains take turns; -1 for none.</param>
    /// <param name="limit">How many; fewer than fit.</param>
    /// <returns>One bit per row.</returns>
    public ReadOnlySpan<ulong> Choose(ReadOnlySpan<ulong> fits, ReadOnlySpan<float> scores, ClusterSnapshot snapshot, int level, int limit)
    {
        MakeRoom(fits.Length, scores.Length, snapshot.Tables.Domains.Count, limit);

        // The best stands alone above the ten steps there; here it is of the highest.
        var steps = _steps.AsSpan(0, scores.Length);
        ScoreNormalizer.Normalize(scores, steps);
        steps.Replace((byte)ScoreNormalizer.MaxScore, (byte)(Steps - 1));

        // In the lowest step are all that do not fit, too: it is never counted, since by then there are enough.
        var cut = Steps - 1;
        for (; cut > 0; cut--)
        {
            var there = steps.Count((byte)cut);
            if (there >= limit) break;
            limit -= there;
        }

        TakeTurns(snapshot, level, fits, scores, steps, cut, limit);
        return _chosen.AsSpan(0, fits.Length);
    }

    private void MakeRoom(int words, int rows, int domains, int limit)
    {
        if (_chosen.Length < words) (_chosen, _steps, _candidates, _domainOf) = (new ulong[words], new byte[rows], new int[rows], new int[rows]);
        if (_domains.Length < domains) (_domains, _order, _keys) = (new Domain[domains], new int[domains], new float[domains]);
        if (_places.Length < limit) (_places, _placeScores) = (new int[limit], new float[limit]);
    }

    private void TakeTurns(
        ClusterSnapshot snapshot, int level, ReadOnlySpan<ulong> fits, ReadOnlySpan<float> scores, ReadOnlySpan<byte> steps, int cut, int limit)
    {
        _domains.AsSpan(0, snapshot.Tables.Domains.Count).Clear();
        var (found, candidates) = (0, 0);
        for (var word = 0; word < fits.Length; word++)
        {
            var ofWord = steps.Slice(word * 64, 64);
            var above = RowBits.AtLeast(ofWord, (byte)(cut + 1));
            _chosen[word] = above;
            var rest = RowBits.AtLeast(ofWord, (byte)cut) & ~above & fits[word];
            if (rest == 0) continue;
            var domains = level < 0 ? [] : snapshot.Pages[word / NodePage.BitmapWords].Domain(level);
            for (; rest != 0; rest &= rest - 1)
            {
                var row = (word * 64) + BitOperations.TrailingZeroCount(rest);
                var domainId = level < 0 ? 0 : domains[row & NodePage.RowMask];
                _candidates[candidates] = row;
                _domainOf[candidates++] = domainId;
                ref var domain = ref _domains[domainId];
                if (domain.Members++ == 0)
                {
                    domain.Best = scores[row];
                    _order[found++] = domainId;
                }

                domain.Best = Math.Max(domain.Best, scores[row]);
            }
        }

        ShareOut(found, limit);
        for (var i = 0; i < candidates; i++) Offer(ref _domains[_domainOf[i]], _candidates[i], scores[_candidates[i]]);
        for (var i = 0; i < limit; i++) Choose(_places[i]);
    }

    /// <summary>Gives each domain its number of places, turn by turn, the domain with the best node first.</summary>
    private void ShareOut(int found, int limit)
    {
        for (var i = 0; i < found; i++) _keys[i] = -_domains[_order[i]].Best;
        MemoryExtensions.Sort(_keys.AsSpan(0, found), _order.AsSpan(0, found));
        for (var given = 0; given < limit;)
        {
            for (var i = 0; i < found && given < limit; i++)
            {
                ref var domain = ref _domains[_order[i]];
                if (domain.Places == domain.Members) continue;
                domain.Places++;
                given++;
            }
        }

        var first = 0;
        for (var i = 0; i < found; i++)
        {
            _domains[_order[i]].First = first;
            first += _domains[_order[i]].Places;
        }
    }

    /// <summary>Puts a node among its domain's best, which are kept in falling order; of equals, the one in the lower row stays.</summary>
    private void Offer(ref Domain domain, int row, float score)
    {
        var at = domain.First + domain.Taken;
        if (domain.Taken == domain.Places)
        {
            if (domain.Places == 0 || !(score > _placeScores[at - 1])) return;
            at--;
        }
        else
        {
            domain.Taken++;
        }

        for (; at > domain.First && score > _placeScores[at - 1]; at--)
        {
            _placeScores[at] = _placeScores[at - 1];
            _places[at] = _places[at - 1];
        }

        _placeScores[at] = score;
        _places[at] = row;
    }

    private void Choose(int row) => _chosen[row >> 6] |= 1UL << (row & 63);

    private struct Domain
    {
        public int Members;
        public float Best;
        public int Places;
        public int First;
        public int Taken;
    }
}
