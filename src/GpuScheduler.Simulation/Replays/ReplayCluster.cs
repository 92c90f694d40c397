using System.Diagnostics;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// A cluster that places pods exactly as the service does: the same ledger, filter, strategies and device choice, one decision per snapshot.
/// </summary>
internal sealed class ReplayCluster
{
    private readonly ClusterLedger _ledger;
    private readonly PackingLearner _learner;
    private readonly ScoringResolver _resolver = new(GpuResourceCatalog.Default);
    private readonly Dictionary<PodShape, ShapeScores> _scores = [];
    private readonly Dictionary<string, (string NodeName, uint Devices)> _placed = [];
    private readonly Random? _ties;
    private readonly OverCommitCheck _check;
    private PackingStrategy _strategy;
    private int _nextPod;

    /// <summary>An empty cluster.</summary>
    /// <param name="nodes">Its nodes; among equal nodes an earlier one is better.</param>
    /// <param name="learner">Makes the strategy.</param>
    /// <param name="ties">Chooses among equal nodes; null for the first.</param>
    /// <param name="pods">Pods that are there already, on their nodes.</param>
    public ReplayCluster(IReadOnlyList<Node> nodes, PackingLearner learner, Random? ties, IReadOnlyList<Pod>? pods = null)
    {
        _learner = learner;
        _ties = ties;
        _ledger = new ClusterLedger(new LedgerOptions { ChooseDevices = (page, row, shape) => _strategy!.ChooseDevices(page, row, shape) });
        foreach (var node in nodes) _ledger.UpsertNode(node);
        foreach (var pod in pods ?? [])
        {
            if (pod.NodeName is null || pod.IsTerminal) continue;
            _ledger.UpsertPod(pod);
            learner.Arrive(pod.Shape);
        }

        Snapshot = _ledger.Publish();
        _strategy = learner.Current(Snapshot);
        UsedGpuMilli = GpuMilli = GpuMilliOf(Snapshot);
        foreach (var page in Snapshot.Pages)
        {
            foreach (var milli in page.GpuFreeMilli) UsedGpuMilli -= milli;
        }

        _check = new OverCommitCheck(nodes, node =>
        {
            var row = Snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(node.Name))!.Row;
            return Snapshot.PageOf(row).GpuCount[row & NodePage.RowMask];
        });
        var names = nodes.Select(node => node.Name).ToHashSet();
        foreach (var (pod, _, nodeName, devices) in _ledger.Pods)
        {
            if (nodeName is not null && names.Contains(nodeName)) _check.Load(nodeName, pod.Shape, devices);
        }
    }

    /// <summary>The cluster now.</summary>
    public ClusterSnapshot Snapshot { get; private set; }

    /// <summary>Thousandths of all GPUs.</summary>
    public long GpuMilli { get; }

    /// <summary>Thousandths of GPUs in use.</summary>
    public long UsedGpuMilli { get; private set; }

    /// <summary>Pods placed now.</summary>
    public int PlacedPods => _placed.Count;

    /// <summary>Decisions made.</summary>
    public long Decisions { get; private set; }

    /// <summary>Time spent in decisions: learning, filtering, scoring and choosing, without the ledger.</summary>
    public TimeSpan DecisionTime { get; private set; }

    /// <summary>Rows scored in all decisions.</summary>
    public long RowsScored => _scores.Values.Sum(scores => scores.RowsScored);

    /// <summary>Thousandths of all GPUs of the given nodes.</summary>
    public static long GpuMilliOf(IReadOnlyList<Node> nodes)
    {
        var ledger = new ClusterLedger();
        foreach (var node in nodes) ledger.UpsertNode(node);
        return GpuMilliOf(ledger.Publish());
    }

    /// <summary>Decides on a pod and places it; the row it went to, -1 when it fits nowhere.</summary>
    /// <param name="shape">The pod's shape.</param>
    /// <param name="uid">Identifies the pod to <see cref="Remove"/>; empty when it fits nowhere.</param>
    public int Place(PodShape shape, out string uid)
    {
        var start = Stopwatch.GetTimestamp();
        _learner.Arrive(shape);
        _strategy = _learner.Current(Snapshot);
        if (!_scores.TryGetValue(shape, out var scores)) _scores.Add(shape, scores = new ShapeScores(shape, _resolver));
        scores.Update(Snapshot, _strategy);
        var row = scores.Best(_ties);
        DecisionTime += Stopwatch.GetElapsedTime(start);
        Decisions++;
        uid = "";
        if (row < 0) return -1;

        uid = $"pod-{_nextPod++}";
        var nodeName = Snapshot.PageOf(row).Node(row & NodePage.RowMask)!.Name;
        var outcome = _ledger.Assume(new Pod { Namespace = "replay", Name = uid, Uid = uid, Shape = shape }, nodeName);
        if (outcome.Result != AssumeResult.Assumed) throw new InvalidOperationException($"{shape} was refused by {nodeName}: {outcome.Reason}");
        _check.Place(nodeName, shape, outcome.DeviceMask);
        _placed.Add(uid, (nodeName, outcome.DeviceMask));
        UsedGpuMilli += shape.Gpu.TotalMilli;
        Snapshot = _ledger.Publish();
        return row;
    }

    /// <summary>A placed pod leaves; the row it was on.</summary>
    public int Remove(PodShape shape, string uid)
    {
        _placed.Remove(uid, out var place);
        _ledger.DeletePod(uid);
        _check.Remove(place.NodeName, shape, place.Devices);
        UsedGpuMilli -= shape.Gpu.TotalMilli;
        _learner.Depart();
        Snapshot = _ledger.Publish();
        return Snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(place.NodeName))!.Row;
    }

    private static long GpuMilliOf(ClusterSnapshot snapshot)
    {
        var milli = 0L;
        foreach (var page in snapshot.Pages)
        {
            foreach (var count in page.GpuCount) milli += count * GpuDemand.WholeMilli;
        }

        return milli;
    }
}
