using System.Numerics;
using System.Text;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Planning;

/// <summary>
/// A snapshot with some of its waiting pods placed in thought: what the cluster will look like if they land where we mean them to. It shares
/// the snapshot's columns and copies one before it first writes to it, so making one costs a few pointers per page. Fit and score are those of
/// filter and prioritize. For one thread.
/// </summary>
public sealed class PlannedCluster
{
    private const int MaxNameBytes = 1024;

    private readonly ClusterSnapshot _snapshot;
    private readonly TrialCluster _trial;
    private readonly ScoringResolver _resolver;
    private readonly Func<PodShape, IScoringStrategy> _strategyFor;
    private readonly Dictionary<PodShape, PlannedShape> _shapes = [];

    /// <summary>Begins as the snapshot is.</summary>
    /// <param name="snapshot">What holds now.</param>
    /// <param name="options">The options of the ledger that the snapshot comes from.</param>
    /// <param name="resolver">Resolves shapes for scoring.</param>
    /// <param name="strategyFor">The strategy that prioritize scores pods of a shape with.</param>
    public PlannedCluster(ClusterSnapshot snapshot, LedgerOptions options, ScoringResolver resolver, Func<PodShape, IScoringStrategy> strategyFor)
    {
        _snapshot = snapshot;
        _trial = new TrialCluster(snapshot, options, isScored: true);
        _resolver = resolver;
        _strategyFor = strategyFor;
    }

    /// <summary>Places a pod on a node if it fits there beside all that was placed before; false when it does not, or there is no such node.</summary>
    /// <param name="shape">What the pod asks for.</param>
    /// <param name="nodeName">The node.</param>
    /// <param name="mayUseKept">Whether it may go to nodes that are kept for a gang (<see cref="ClusterSnapshot.MayUseKept"/>).</param>
    public bool TryPlace(PodShape shape, string nodeName, bool mayUseKept = false)
    {
        var row = RowOf(nodeName);
        if (row < 0) return false;
        var planned = ShapeOf(shape);
        return _trial.TryPlace(mayUseKept ? planned.FilterOfMembers : planned.Filter, shape, row);
    }

    /// <summary>Places a pod on a node whether or not it fits; nothing happens when there is no such node.</summary>
    public void Place(PodShape shape, string nodeName)
    {
        var row = RowOf(nodeName);
        if (row >= 0) _trial.Place(shape, row);
    }

    /// <summary>Places a pod on the best node it fits on, the first of equals; the node's name, or null when it fits nowhere.</summary>
    public string? PlaceBest(PodShape shape)
    {
        var row = ShapeOf(shape).Best(_trial);
        if (row < 0) return null;
        _trial.Place(shape, row);
        return _trial.PageOf(row).Node(row & NodePage.RowMask)!.Name;
    }

    private int RowOf(string nodeName)
    {
        Span<byte> utf8 = stackalloc byte[MaxNameBytes];
        return Encoding.UTF8.TryGetBytes(nodeName, utf8, out var length) ? _snapshot.Names.Find(utf8[..length])?.Row ?? -1 : -1;
    }

    private PlannedShape ShapeOf(PodShape shape)
    {
        if (!_shapes.TryGetValue(shape, out var planned))
        {
            planned = new PlannedShape(
                new PodFilter(_snapshot.Tables, shape), new PodFilter(_snapshot.Tables, shape, heedsReservations: false), _strategyFor(shape), _resolver.Resolve(_snapshot.Tables, shape), _trial.PageCount);
            _shapes.Add(shape, planned);
        }

        return planned;
    }

    /// <summary>The best row of every page for one shape, found again only where something was placed since.</summary>
    private sealed class PlannedShape
    {
        private readonly IScoringStrategy _strategy;
        private readonly ScoringRequest _request;
        private readonly int[] _seen;
        private readonly int[] _bestRow;
        private readonly float[] _bestScore;

        public PlannedShape(PodFilter filter, PodFilter filterOfMembers, IScoringStrategy strategy, in ScoringRequest request, int pages)
        {
            (Filter, FilterOfMembers) = (filter, filterOfMembers);
            _strategy = strategy;
            _request = request;
            _seen = new int[pages];
            Array.Fill(_seen, -1);
            _bestRow = new int[pages];
            _bestScore = new float[pages];
        }

        public PodFilter Filter { get; }

        public PodFilter FilterOfMembers { get; }

        public int Best(TrialCluster trial)
        {
            var best = -1;
            var bestScore = float.NegativeInfinity;
            for (var i = 0; i < trial.PageCount; i++)
            {
                if (_seen[i] != trial.VersionOf(i)) Look(trial.Page(i), i, trial.VersionOf(i));
                if (_bestScore[i] > bestScore) (best, bestScore) = (_bestRow[i], _bestScore[i]);
            }

            return best;
        }

        private void Look(NodePage page, int index, int version)
        {
            Span<ulong> fits = stackalloc ulong[NodePage.BitmapWords];
            Filter.Fits(page, fits);
            var best = -1;
            var bestScore = float.NegativeInfinity;
            if (fits.ContainsAnyExcept(0UL))
            {
                Span<float> scores = stackalloc float[NodePage.RowCount];
                _strategy.Score(page, in _request, scores);
                for (var word = 0; word < fits.Length; word++)
                {
                    for (var rest = fits[word]; rest != 0; rest &= rest - 1)
                    {
                        var row = (word * 64) + BitOperations.TrailingZeroCount(rest);
                        if (scores[row] > bestScore) (best, bestScore) = (row, scores[row]);
                    }
                }
            }

            (_seen[index], _bestRow[index], _bestScore[index]) = (version, (index << NodePage.Shift) + best, bestScore);
        }
    }
}
