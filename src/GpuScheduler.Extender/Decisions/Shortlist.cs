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
        var (feasible, scale) = Measure(asked, fits, scores);
        if (feasible <= limit) return [];

        Span<int> inStep = stackalloc int[Steps];
        inStep.Clear();
        foreach (var node in asked)
        {
            if (IsFeasible(node, fits)) inStep[scale.StepOf(scores[node.Row])]++;
        }

        var cut = Steps - 1;
        for (var rest = limit; inStep[cut] < rest; cut--)
        {
            rest -= inStep[cut];
            limit = rest;
        }

        var words = (asked.Length + 63) / 64;
        if (_chosen.Length < words) _chosen = new ulong[words];
        _chosen.AsSpan(0, words).Clear();
        TakeTurns(asked, fits, scores, snapshot, level, scale, cut, limit);
        return _chosen.AsSpan(0, words);
    }

    private void TakeTurns(
        ReadOnlySpan<AskedNode> asked, ReadOnlySpan<ulong> fits, ReadOnlySpan<float> scores, ClusterSnapshot snapshot, int level, Scale scale, int cut, int limit)
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
        var found = 0;
        for (var i = 0; i < asked.Length; i++)
        {
            if (!IsFeasible(asked[i], fits)) continue;
            var score = scores[asked[i].Row];
            var step = scale.StepOf(score);
            if (step > cut) Choose(i);
            if (step != cut) continue;
            ref var domain = ref _domains[DomainOf(snapshot, asked[i].Row, level)];
            if (domain.Members++ == 0)
            {
                domain.Best = score;
                _order[found++] = DomainOf(snapshot, asked[i].Row, level);
            }

            domain.Best = Math.Max(domain.Best, score);
        }

        ShareOut(found, limit);
        for (var i = 0; i < asked.Length; i++)
        {
            if (!IsFeasible(asked[i], fits) || scale.StepOf(scores[asked[i].Row]) != cut) continue;
            Offer(ref _domains[DomainOf(snapshot, asked[i].Row, level)], i, scores[asked[i].Row]);
        }

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

    private static bool IsFeasible(in AskedNode node, ReadOnlySpan<ulong> fits) => node.Row >= 0 && (fits[node.Row >> 6] >> node.Row & 1) != 0;

    private static int DomainOf(ClusterSnapshot snapshot, int row, int level) =>
        level < 0 ? 0 : snapshot.PageOf(row).Domain(level)[row & NodePage.RowMask];

    private static (int Feasible, Scale Scale) Measure(ReadOnlySpan<AskedNode> asked, ReadOnlySpan<ulong> fits, ReadOnlySpan<float> scores)
    {
        var feasible = 0;
        float worst = float.PositiveInfinity, best = float.NegativeInfinity;
        foreach (var node in asked)
        {
            if (!IsFeasible(node, fits)) continue;
            feasible++;
            var score = scores[node.Row];
            if (!float.IsFinite(score)) continue;
            worst = Math.Min(worst, score);
            best = Math.Max(best, score);
        }

        return (feasible, new Scale(worst, best));
    }

    private readonly record struct Scale(float Worst, float Best)
    {
        /// <summary>0 to 9; what is no finite number is in the lowest step.</summary>
        public int StepOf(float score) =>
            score >= Best ? Steps - 1 : score > Worst ? Math.Min(Steps - 1, (int)((score - (double)Worst) * Steps / ((double)Best - Worst))) : 0;
    }

    private struct Domain
    {
        public int Members;
        public float Best;
        public int Places;
        public int First;
        public int Taken;
    }
}
