using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// Chooses the few feasible nodes that filter returns when it does not return them all. Scores are split into ten equal steps between the
/// worst and the best; whole steps are taken from the top, and of the step that does not fit whole, topology domains take turns, those with
/// the best node first, each giving its best nodes: spreading and volumes, which kube-scheduler judges after us, still find a choice. The best
/// node of all is always among them. O(nodes), no allocation once the room has grown. Used by one call at a time.
/// </summary>
internal sealed class Shortlist
{
    private const int Steps = 10;

    private ulong[] _chosen = [];
    private Domain[] _domains = [];
    private int[] _order = [];
    private float[] _keys = [];
    private int[] _places = [];
    private float[] _placeScores = [];

    // The feasible nodes, one behind the other: which of the asked ones, score, step.
    private int[] _feasible = [];
    private float[] _scores = [];
    private byte[] _steps = [];

    // Those of the step that does not fit whole: which of the feasible ones, and the domain.
    private int[] _candidates = [];
    private int[] _domainOf = [];

    /// <summary>Chooses at most <paramref name="limit"/> of the asked nodes that fit.</summary>
    /// <param name="asked">The nodes.</param>
    /// <param name="fits">One bit per row.</param>
    /// <param name="scores">One number per row; higher is better.</param>
    /// <param name="snapshot">The snapshot of the rows.</param>
    /// <param name="level">The topology level whose domains take turns; -1 for none.</param>
    /// <param name="limit">How many.</param>
    /// <returns>One bit per asked node; empty when all feasible nodes are within the limit.</returns>
    public ReadOnlySpan<ulong> Choose(
        ReadOnlySpan<AskedNode> asked, ReadOnlySpan<ulong> fits, ReadOnlySpan<float> scores, ClusterSnapshot snapshot, int level, int limit)
    {
        var feasible = Gather(asked, fits, scores);
        if (feasible <= limit) return [];

        // The best stands alone above the ten steps there; here it is of the highest.
        var steps = _steps.AsSpan(0, feasible);
        ScoreNormalizer.Normalize(_scores.AsSpan(0, feasible), steps);
        steps.Replace((byte)ScoreNormalizer.MaxScore, (byte)(Steps - 1));
        var cut = Steps - 1;
        for (var there = steps.Count((byte)cut); there < limit; there = steps.Count((byte)cut))
        {
            limit -= there;
            cut--;
        }

        var words = (asked.Length + 63) / 64;
        if (_chosen.Length < words) _chosen = new ulong[words];
        _chosen.AsSpan(0, words).Clear();
        TakeTurns(asked, snapshot, level, steps, cut, limit);
        return _chosen.AsSpan(0, words);
    }

    /// <summary>Notes down the feasible nodes and their scores, without a branch on which they are; how many.</summary>
    private int Gather(ReadOnlySpan<AskedNode> asked, ReadOnlySpan<ulong> fits, ReadOnlySpan<float> scores)
    {
        if (_feasible.Length < asked.Length)
        {
            var room = Math.Max(256, asked.Length);
            (_feasible, _scores, _steps, _candidates, _domainOf) = (new int[room], new float[room], new byte[room], new int[room], new int[room]);
        }

        var found = 0;
        for (var i = 0; i < asked.Length; i++)
        {
            var row = asked[i].Row;
            if (row < 0) continue;
            _feasible[found] = i;
            _scores[found] = scores[row];
            found += (int)(fits[row >> 6] >> row & 1);
        }

        return found;
    }

    private void TakeTurns(ReadOnlySpan<AskedNode> asked, ClusterSnapshot snapshot, int level, ReadOnlySpan<byte> steps, int cut, int limit)
    {
        var count = snapshot.Tables.Domains.Count;
        if (_domains.Length < count)
        {
            _domains = new Domain[count];
            _order = new int[count];
            _keys = new float[count];
        }

        if (_places.Length < limit)
        {
            _places = new int[limit];
            _placeScores = new float[limit];
        }

        _domains.AsSpan(0, count).Clear();
        var (found, candidates) = (0, 0);
        for (var i = 0; i < steps.Length; i++)
        {
            var next = steps[i..].IndexOfAnyInRange((byte)cut, (byte)(Steps - 1));
            if (next < 0) break;
            i += next;
            if (steps[i] > cut)
            {
                Choose(_feasible[i]);
                continue;
            }

            var domainId = DomainOf(snapshot, asked[_feasible[i]].Row, level);
            _candidates[candidates] = i;
            _domainOf[candidates++] = domainId;
            ref var domain = ref _domains[domainId];
            if (domain.Members++ == 0)
            {
                domain.Best = _scores[i];
                _order[found++] = domainId;
            }

            domain.Best = Math.Max(domain.Best, _scores[i]);
        }

        ShareOut(found, limit);
        for (var i = 0; i < candidates; i++) Offer(ref _domains[_domainOf[i]], _feasible[_candidates[i]], _scores[_candidates[i]]);
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

    /// <summary>Puts a node among its domain's best, which are kept in falling order; of equals, the one asked first stays.</summary>
    private void Offer(ref Domain domain, int index, float score)
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
        _places[at] = index;
    }

    private void Choose(int index) => _chosen[index >> 6] |= 1UL << (index & 63);

    private static int DomainOf(ClusterSnapshot snapshot, int row, int level) =>
        level < 0 ? 0 : snapshot.PageOf(row).Domain(level)[row & NodePage.RowMask];

    private struct Domain
    {
        public int Members;
        public float Best;
        public int Places;
        public int First;
        public int Taken;
    }
}
