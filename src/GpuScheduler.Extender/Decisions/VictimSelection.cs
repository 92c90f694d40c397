using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Decisions;

/// <summary>A pod that kube-scheduler proposes to evict.</summary>
/// <param name="Uid">Its UID.</param>
/// <param name="Priority">Its priority; null when the request gives only the UID and we do not know the pod.</param>
internal readonly record struct Victim(string Uid, int? Priority);

/// <summary>The pods to evict from one node.</summary>
/// <param name="NodeName">The node.</param>
/// <param name="Pods">The pods; the one of the highest priority first, as kube-scheduler's choice among nodes expects.</param>
/// <param name="PdbViolations">Budgets it violates, as kube-scheduler counted.</param>
internal sealed record NodeVictims(string NodeName, IReadOnlyList<Victim> Pods, long PdbViolations);

/// <summary>
/// Goes over kube-scheduler's proposals with our knowledge of devices: does the pod fit when these pods are gone? If not, more pods of
/// lower priority go as well, chosen as kube-scheduler chooses (<c>SelectVictimsOnNode</c> in
/// <c>pkg/scheduler/framework/plugins/defaultpreemption</c>): all of them, and then as many as possible are spared, the most important first.
/// </summary>
/// <param name="ledgerOptions">The options of the ledger that snapshots come from.</param>
internal sealed class VictimSelection(LedgerOptions ledgerOptions)
{
    /// <summary>The nodes where evicting makes room for the pod, with at least one victim each.</summary>
    public List<NodeVictims> Select(ClusterSnapshot snapshot, Pod pod, IReadOnlyList<NodeVictims> proposals)
    {
        var trial = new Trial(ledgerOptions, pod);
        foreach (var proposal in proposals) trial.Add(snapshot, proposal);
        trial.Publish();

        var selected = new List<NodeVictims>();
        foreach (var proposal in proposals)
        {
            if (trial.Decide(proposal) is { } victims) selected.Add(victims);
        }

        return selected;
    }

    /// <summary>A ledger of the proposed nodes alone, on which pods are taken away and put back.</summary>
    private sealed class Trial(LedgerOptions options, Pod preemptor)
    {
        private readonly ClusterLedger _ledger = new(options);
        private readonly Dictionary<string, PlacedPod[]> _others = [];
        private readonly Dictionary<string, int> _priorities = [];
        private ClusterSnapshot _snapshot = ClusterSnapshot.Empty;

        public void Add(ClusterSnapshot snapshot, NodeVictims proposal)
        {
            if (snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(proposal.NodeName)) is not { } node) return;
            _ledger.UpsertNode(node.Node);
            var pods = snapshot.PageOf(node.Row).Pods(node.Row & NodePage.RowMask);
            foreach (var placed in pods)
            {
                _ledger.Place(placed, node.Name);
                _priorities[placed.Pod.Uid] = placed.Pod.Priority;
            }

            foreach (var victim in proposal.Pods) _ledger.DeletePod(victim.Uid);

            // MoreImportantPod of pkg/scheduler/util: higher priority, then older.
            _others[proposal.NodeName] =
            [
                .. pods.ToArray().Where(placed => placed.Pod.Priority < preemptor.Priority && !proposal.Pods.Any(victim => victim.Uid == placed.Pod.Uid))
                    .OrderByDescending(placed => placed.Pod.Priority).ThenBy(placed => placed.Pod.CreatedAt),
            ];
        }

        public void Publish() => _snapshot = _ledger.Publish();

        /// <summary>The victims on a node; null when evicting does not help, or nobody needs to be evicted.</summary>
        public NodeVictims? Decide(NodeVictims proposal)
        {
            if (!_others.TryGetValue(proposal.NodeName, out var others)) return null;
            if (Fits(proposal.NodeName)) return proposal.Pods.Count > 0 ? proposal : null;

            foreach (var other in others) _ledger.DeletePod(other.Pod.Uid);
            if (!FitsNow(proposal.NodeName)) return null;
            var added = new List<Victim>();
            foreach (var other in others)
            {
                _ledger.Place(other, proposal.NodeName);
                if (FitsNow(proposal.NodeName)) continue;
                _ledger.DeletePod(other.Pod.Uid);
                added.Add(new Victim(other.Pod.Uid, other.Pod.Priority));
            }

            return proposal with { Pods = MostImportantFirst(proposal.Pods, added) };
        }

        private bool FitsNow(string nodeName)
        {
            Publish();
            return Fits(nodeName);
        }

        private bool Fits(string nodeName)
        {
            var row = _snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(nodeName))!.Row;
            return new PodFilter(_snapshot.Tables, preemptor.Shape).Check(_snapshot.PageOf(row), row & NodePage.RowMask).IsNone;
        }

        /// <summary>The request's own order is right but for ours put among them; a pod of unknown priority stays behind the one before it.</summary>
        private List<Victim> MostImportantFirst(IReadOnlyList<Victim> proposed, List<Victim> added)
        {
            var last = int.MaxValue;
            var all = new List<Victim>();
            foreach (var victim in proposed)
            {
                last = victim.Priority ?? (_priorities.TryGetValue(victim.Uid, out var known) ? known : last);
                all.Add(victim with { Priority = last });
            }

            all.AddRange(added);
            return [.. all.OrderByDescending(victim => victim.Priority)];
        }
    }
}
