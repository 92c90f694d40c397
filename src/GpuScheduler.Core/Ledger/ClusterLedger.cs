using System.Collections.ObjectModel;
using System.Numerics;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Health;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// The account of who holds what, kept by a single writer: nodes, pods and their states (<see cref="PodState"/>), and the working pages
/// from which snapshots are published. Whatever order events come in, the numbers are always the sums over the pods that are on record:
/// a pod's share is taken out before a new one is put in. Not thread-safe; the pump, or a replay, owns it.
/// </summary>
public sealed partial class ClusterLedger
{
    private const int RememberedDeletions = 16_384;
    private const int MaxShared = 4096;

    /// <summary>Shared by all ledgers, so that no two have an index of the same version.</summary>
    private static long _lastNamesVersion;

    private readonly LedgerOptions _options;
    private readonly WorkingPages _pages;
    private readonly Dictionary<string, NodeEntry> _nodes = [];
    private readonly PodTable _pods = new();
    private readonly Dictionary<PodShape, PodShape> _shapes = [];
    private readonly Dictionary<string, string> _namespaces = [];
    private readonly Tombstones _deleted = new(RememberedDeletions);
    private readonly HashSet<PodEntry> _expiring = [];
    private readonly HashSet<PodEntry> _waiting = [];
    private readonly GangBook _gangs;
    private NameIndex _names = NameIndex.Empty;
    private bool _namesChanged;
    private long _namesVersion;
    private ClusterSnapshot _published = ClusterSnapshot.Empty;

    /// <summary>An empty ledger.</summary>
    public ClusterLedger(LedgerOptions? options = null)
    {
        _options = options ?? new LedgerOptions();
        _pages = new WorkingPages(_options.Levels);
        Tables = SnapshotTables.For(_options.Levels);
        _gangs = new GangBook(_options.IsOurs);
    }

    /// <summary>The meaning of the ids in the working pages.</summary>
    public SnapshotTables Tables { get; private set; }

    /// <summary>How many pods are on record, waiting ones included.</summary>
    public int PodCount => _pods.Count;

    /// <summary>How many nodes are known.</summary>
    public int NodeCount { get; private set; }

    /// <summary>All nodes that are known.</summary>
    public IEnumerable<Node> Nodes => _nodes.Values.Where(entry => entry.Node is not null).Select(entry => entry.Node!);

    /// <summary>All pods on record with their state and the node they hold.</summary>
    public IEnumerable<(Pod Pod, PodState State, string? NodeName, uint DeviceMask)> Pods =>
        _pods.All.Select(entry => (entry.Pod, entry.State, entry.Node?.Name, entry.Placed.DeviceMask));

    /// <summary>The pods that hold no node, as the API server last described them.</summary>
    public IEnumerable<Pod> Waiting => _waiting.Select(entry => entry.Pod);

    /// <summary>How many pods hold no node.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Counts the changes to <see cref="Waiting"/>: as long as it stands still, so do they.</summary>
    public long WaitingGeneration { get; private set; }

    /// <summary>Where the pod of that UID is in its life; null when it is not on record.</summary>
    public PodState? StateOf(string uid) => _pods.Find(uid)?.State;

    /// <summary>The pod of that UID; null when it is not on record.</summary>
    public Pod? FindPod(string uid) => _pods.Find(uid)?.Pod;

    /// <summary>The pod of that name; null when it is not on record.</summary>
    public Pod? FindPod(string podNamespace, string name) => _pods.Find(podNamespace, name)?.Pod;

    /// <summary>A node was added or changed. Ignored when a newer version is known, or it was deleted.</summary>
    /// <param name="node">The node.</param>
    /// <param name="isInOrder">
    /// The source itself keeps versions in order, so this one is the truth even if its number is lower: etcd was restored from a backup.
    /// </param>
    public void UpsertNode(Node node, bool isInOrder = false)
    {
        if (isInOrder) _deleted.Remove(node.Uid);
        if (_deleted.Contains(node.Uid)) return;
        var entry = NodeOf(node.Name);
        if (entry.Node is { } known)
        {
            if (!isInOrder && known.Uid == node.Uid && node.ResourceVersion.IsOlderThan(known.ResourceVersion)) return;
        }
        else
        {
            entry.Row = _pages.TakeRow();
            _pages.SetLive(entry.Row, true);
            NodeCount++;
            _namesVersion = Interlocked.Increment(ref _lastNamesVersion);
        }

        (entry.Told, entry.Node) = (node, WithReport(node));
        WriteNode(entry);
    }

    /// <summary>A node was deleted. Its pods stay on record until they are deleted themselves, as in kube-scheduler's cache.</summary>
    public void DeleteNode(string name, string uid = "")
    {
        _deleted.Add(uid);
        if (!_nodes.TryGetValue(name, out var entry) || entry.Node is null) return;
        if (uid.Length > 0 && entry.Node.Uid.Length > 0 && entry.Node.Uid != uid) return;
        _pages.Clear(entry.Row);
        _pages.ReleaseRow(entry.Row);
        entry.Row = -1;
        entry.Node = entry.Told = null;
        Reassign(entry, NodeDevices.None);
        ReassignMig(entry, MigNode.None);
        NodeCount--;
        _namesVersion = Interlocked.Increment(ref _lastNamesVersion);
        _namesChanged = true;
        DropIfUnused(entry);
    }

    /// <summary>A pod was added or changed. Terminal pods are dropped; older versions than the one on record are ignored.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="isInOrder">As for <see cref="UpsertNode"/>.</param>
    public void UpsertPod(Pod pod, bool isInOrder = false)
    {
        if (isInOrder) _deleted.Remove(pod.Uid);
        if (_deleted.Contains(pod.Uid)) return;
        if (pod.IsTerminal)
        {
            DeletePod(pod.Uid);
            return;
        }

        if (_pods.Find(pod.Namespace, pod.Name) is { } other && other.Pod.Uid != pod.Uid) DeletePod(other.Pod.Uid);
        if (!_pods.TryFind(pod.Uid, out var entry))
        {
            entry = Record(pod);
        }
        else if (!isInOrder && pod.ResourceVersion.IsOlderThan(entry.Pod.ResourceVersion))
        {
            return;
        }

        var shared = Share(pod, entry.Pod);
        if (pod.NodeName is null)
        {
            // A pending pod that we assumed keeps its place: this event is older than our bind, or only touched metadata.
            entry.Pod = shared;
            if (entry.Node is null) Wait(entry);
            else _gangs.See(entry);
            return;
        }

        if (TryConfirmInPlace(entry, shared)) return;
        PlacedPod? previous = entry.State == PodState.Assumed && entry.Node?.Name == pod.NodeName ? entry.Placed : null;
        Release(entry);
        entry.Pod = shared;
        Confirm(entry, NodeOf(pod.NodeName), previous);
    }

    /// <summary>A pod was deleted: what it held is free. Unknown UIDs are remembered, so that a late event cannot bring the pod back.</summary>
    public void DeletePod(string uid)
    {
        _deleted.Add(uid);
        if (!_pods.TryFind(uid, out var entry)) return;
        if (entry.Node is not null) _options.PodDeparted?.Invoke();
        var left = LeaveHold(entry);
        Release(entry);
        StopWaiting(entry);
        _gangs.Leave(entry);
        if (left is { } place) KeepPlace(place);
        _pods.Remove(entry);
    }

    /// <summary>
    /// Places a pod on a node if it fits there now: the decision of bind, taken against the newest numbers. The place is held until
    /// <see cref="FinishBinding"/> starts its clock, <see cref="Forget"/> gives it back, or the watch confirms it.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="nodeName">The node.</param>
    /// <param name="now">The time, for dialects that write it into their annotations.</param>
    public AssumeOutcome Assume(Pod pod, string nodeName, DateTimeOffset now = default)
    {
        if (_deleted.Contains(pod.Uid)) return new(AssumeResult.PodGone, 0, $"pod {pod.FullName} was deleted");
        if (_pods.TryFind(pod.Uid, out var entry) && entry.Node is { } holder)
        {
            return holder.Name == nodeName
                ? new(AssumeResult.AlreadyThere, entry.Placed.DeviceMask, "") { Annotations = entry.Annotations }
                : new(AssumeResult.Elsewhere, 0, $"pod {pod.FullName} is already on node {holder.Name}");
        }

        if (!_nodes.TryGetValue(nodeName, out var node) || node.Node is null)
        {
            return new(AssumeResult.UnknownNode, 0, $"node {nodeName} is not known");
        }

        var page = _pages.PageOf(node.Row);
        var rowInPage = node.Row & NodePage.RowMask;
        var filter = FilterFor(pod.Shape, entry?.Gang);
        var rejection = filter.Check(page, rowInPage);
        if (!rejection.IsNone) return new(AssumeResult.DoesNotFit, 0, $"node {nodeName}: {filter.Describe(rejection, page, rowInPage)}");

        var mask = node.Uses.Length == 0 || pod.Shape.Gpu.IsNone ? 0 : _options.ChooseDevices(page, rowInPage, pod.Shape);
        if (ChooseMig(node, pod.Shape) is not { } slots) return new(AssumeResult.DoesNotFit, 0, $"node {nodeName}: no room was found for its MIG profiles together");
        entry ??= Record(pod);
        entry.Pod = Share(pod, entry.Pod);
        Hold(entry, node, PodState.Assumed, mask, inferred: false, slots);
        entry.Annotations = MigAnnotation.AddTo(Assignment.Annotate(pod, mask, node, now), entry.Placed.Mig);
        return new(AssumeResult.Assumed, mask, "") { Annotations = entry.Annotations };
    }

    /// <summary>
    /// Puts a pod on a node as a snapshot shows it, devices included, whether or not it fits: a what-if ledger is filled with this. Takes no
    /// notice of deletions, so that a pod can be taken away (<see cref="DeletePod"/>) and put back.
    /// </summary>
    public void Place(PlacedPod placed, string nodeName)
    {
        var pod = placed.Pod;
        if (_pods.TryFind(pod.Uid, out var entry)) Release(entry);
        else entry = Record(pod);
        entry.Pod = Share(pod, entry.Pod);
        _pods.Name(entry);
        var node = NodeOf(nodeName);
        var devices = node.Uses.Length;
        var state = placed.IsAssumed ? PodState.Assumed : PodState.Confirmed;
        var isTold = placed.DeviceMask != 0 || devices == 0 || pod.Shape.Gpu.IsNone;
        if (isTold && placed.DeviceMask >> devices == 0) Hold(entry, node, state, placed.DeviceMask, placed.DevicesInferred, placed.Mig);
        else Confirm(entry, node, null);
    }

    /// <summary>The bind call of an assumed pod ended well: if the watch does not confirm it within the assumed lifetime, it expires.</summary>
    public void FinishBinding(string uid, DateTimeOffset now)
    {
        if (!_pods.TryFind(uid, out var entry) || entry.State != PodState.Assumed) return;
        entry.AssumedUntil = now + _options.AssumedLifetime;
        _expiring.Add(entry);
    }

    /// <summary>The bind call of an assumed pod failed: what it held is free again. A confirmed pod is left alone.</summary>
    public void Forget(string uid)
    {
        if (_pods.TryFind(uid, out var entry) && entry.State == PodState.Assumed) Release(entry);
    }

    /// <summary>Gives up the assumed pods whose time has come; their UIDs.</summary>
    public IReadOnlyList<string> ExpireAssumed(DateTimeOffset now)
    {
        List<string>? expired = null;
        foreach (var entry in _expiring)
        {
            if (entry.AssumedUntil <= now) (expired ??= []).Add(entry.Pod.Uid);
        }

        foreach (var uid in expired ?? []) Forget(uid);
        return expired ?? (IReadOnlyList<string>)[];
    }

    /// <summary>
    /// The state as it is now, as an immutable snapshot of the next generation; the last snapshot again when nothing has changed since.
    /// Costs only what changed.
    /// </summary>
    public ClusterSnapshot Publish()
    {
        if (!_pages.IsDirty && !_namesChanged && !_gangs.IsDirty && ReferenceEquals(_published.Tables, Tables) && ReferenceEquals(_published.Reservation, _reservation)) return _published;
        if (_namesChanged)
        {
            // Most writes of a node leave all names where they are.
            _names = _names.Version == _namesVersion
                ? _names.WithNodes(NodeRowOf)
                : new NameIndex([.. _nodes.Values.Where(entry => entry.Node is not null).OrderBy(entry => entry.Row).Select(entry => NodeRowOf(entry.Row))], _namesVersion);
            _namesChanged = false;
        }

        var generation = _published.Generation + 1;
        return _published = new ClusterSnapshot(generation, _pages.Publish(generation), _names, Tables, _gangs.Publish(), _pages.Domains()) { Reservation = _reservation };
    }

    private NodeRow NodeRowOf(int row) => _pages.PageOf(row).Node(row & NodePage.RowMask)!;

    private PodEntry Record(Pod pod)
    {
        var entry = new PodEntry(pod);
        _pods.Add(entry);
        _options.PodArrived?.Invoke(pod.Shape);
        return entry;
    }

    private NodeEntry NodeOf(string name)
    {
        if (!_nodes.TryGetValue(name, out var entry)) _nodes.Add(name, entry = new NodeEntry(name, _pods.Slots));
        return entry;
    }

    private void DropIfUnused(NodeEntry entry)
    {
        if (entry.Node is null && entry.Pods.Count == 0) _nodes.Remove(entry.Name);
    }

    /// <summary>
    /// The same pod with the one shape object that all pods like it share (100,000 pods come in a few hundred shapes), and with the texts that we have
    /// already: each event brings its own, and most say what the last one said.
    /// </summary>
    /// <param name="pod">The pod.</param>
    /// <param name="before">What is on record of it.</param>
    private Pod Share(Pod pod, Pod before)
    {
        var shape = Shared(_shapes, pod.Shape);
        var inNamespace = Shared(_namespaces, pod.Namespace);
        var nodeName = pod.NodeName is { } node && _nodes.TryGetValue(node, out var entry) ? entry.Name : pod.NodeName;
        var (uid, name, controller) = (Same(pod.Uid, before.Uid), Same(pod.Name, before.Name), Same(pod.ControllerName, before.ControllerName));

        // What comes from a ledger, as into one for what-if, has all of them.
        var isShared = ReferenceEquals(shape, pod.Shape) && ReferenceEquals(inNamespace, pod.Namespace) && ReferenceEquals(nodeName, pod.NodeName)
            && ReferenceEquals(uid, pod.Uid) && ReferenceEquals(name, pod.Name) && ReferenceEquals(controller, pod.ControllerName);
        return isShared ? pod : pod with { Shape = shape, Namespace = inNamespace, NodeName = nodeName, Uid = uid, Name = name, ControllerName = controller };

        static string Same(string text, string known) => text == known ? known : text;
    }

    private static T Shared<T>(Dictionary<T, T> known, T value)
        where T : notnull
    {
        if (known.TryGetValue(value, out var shared)) return shared;
        if (known.Count >= MaxShared) known.Clear();
        known.Add(value, value);
        return value;
    }

    /// <summary>
    /// Most events about a placed pod change nothing of what it holds: its bind comes back, its status moves on. Then no number of the snapshot changes, only
    /// who the pod is.
    /// </summary>
    private bool TryConfirmInPlace(PodEntry entry, Pod pod)
    {
        if (entry.Node is not { } node || node.Name != pod.NodeName || !ReferenceEquals(entry.Pod.Shape, pod.Shape) || !pod.Shape.Mig.IsEmpty) return false;
        var mask = entry.Placed.DeviceMask;
        if (KnownMask(pod, node, entry.State == PodState.Assumed ? entry.Placed : null) != mask) return false;

        node.LastStamp = Math.Max(node.LastStamp, Assignment.StampOf(pod));
        (entry.Pod, entry.State, entry.AssumedUntil) = (pod, PodState.Confirmed, null);
        entry.Annotations = ReadOnlyDictionary<string, string>.Empty;
        entry.Placed = new PlacedPod(pod, mask, IsAssumed: false, DevicesInferred: false);
        _expiring.Remove(entry);
        _gangs.See(entry);
        if (node.Row >= 0) _pages.SetPods(node.Row, node.PlacedPods());
        return true;
    }

    private void Confirm(PodEntry entry, NodeEntry node, PlacedPod? assumed)
    {
        node.LastStamp = Math.Max(node.LastStamp, Assignment.StampOf(entry.Pod));
        var known = KnownMask(entry.Pod, node, assumed);
        Hold(entry, node, PodState.Confirmed, known ?? Guess(node, entry.Pod.Shape.Gpu), inferred: known is null, assumed?.Mig);
    }

    /// <summary>The devices of a bound pod: those its annotations name, else those we chose for it; null when nothing says which.</summary>
    private static uint? KnownMask(Pod pod, NodeEntry node, PlacedPod? assumed) =>
        pod.Shape.Gpu.IsNone || node.Uses.Length == 0 ? 0
        : Assignment.TryRead(pod, node.Devices, out var mask) ? mask
        : assumed?.DeviceMask;

    private static uint Guess(NodeEntry node, GpuDemand demand)
    {
        Span<DeviceRoom> rooms = stackalloc DeviceRoom[NodePage.MaxDevices];
        return DeviceChoice.Guess(node.Rooms(rooms), demand);
    }

    private void Hold(PodEntry entry, NodeEntry node, PodState state, uint deviceMask, bool inferred, IReadOnlyList<MigSlot>? mig = null)
    {
        entry.State = state;
        entry.Node = node;
        entry.AssumedUntil = null;
        _expiring.Remove(entry);
        entry.Placed = WithMig(new PlacedPod(entry.Pod, deviceMask, state == PodState.Assumed, inferred), node, mig);
        if (entry.Slot == PodEntry.NoSlot) _pods.Slots.Take(entry);
        node.Pods.Add(entry);
        StopWaiting(entry);
        if (!entry.IsReservation) _gangs.See(entry);
        Tables = Tables.WithResources(entry.Pod.Shape.Requests);
        Count(node, entry, +1);
    }

    private void Release(PodEntry entry)
    {
        if (entry.Node is not { } node) return;
        node.Pods.Remove(entry);
        Count(node, entry, -1);
        _expiring.Remove(entry);
        entry.Node = null;
        entry.Placed = default;
        entry.State = PodState.Waiting;
        entry.AssumedUntil = null;
        entry.Annotations = ReadOnlyDictionary<string, string>.Empty;
        if (entry.IsReservation) _pods.Slots.Free(entry);
        else Wait(entry);
        DropIfUnused(node);
    }

    private void Wait(PodEntry entry)
    {
        _waiting.Add(entry);
        _gangs.See(entry);
        GiveWayTo(entry);
        WaitingGeneration++;
    }

    private void StopWaiting(PodEntry entry)
    {
        if (_waiting.Remove(entry)) WaitingGeneration++;
    }

    private void Count(NodeEntry node, PodEntry entry, int sign)
    {
        if (node.Requested.Length < Tables.Resources.Count) node.Requested = Grow(node.Requested, Tables.Resources.Count);
        foreach (var (name, amount) in entry.Pod.Shape.Requests)
        {
            var slot = Tables.Resources.SlotOf(name);
            if (slot < 0) continue;
            node.Requested[slot] += sign * amount;
            if (node.Row >= 0) WriteFree(node, slot);
        }

        node.Count(entry.Placed.DeviceMask, entry.Pod.Shape.Gpu, sign);
        if (entry.Pod.Shape.UsesGpu) node.GpuPods += sign;
        if (entry.Pod.Shape.Constraints is { ExclusiveNode: true }) node.ExclusivePods += sign;
        if (!entry.Pod.Shape.Mig.IsEmpty) WriteMig(node);
        if (node.Row < 0) return;
        WriteFree(node, ResourceTable.Pods);
        _pages.SetGpuPods(node.Row, node.GpuPods, node.GpuClosed);
        WriteDevices(node);
        _pages.SetPods(node.Row, node.PlacedPods());
    }

    private void WriteDevices(NodeEntry node)
    {
        Span<DeviceRoom> rooms = stackalloc DeviceRoom[NodePage.MaxDevices];
        _pages.SetDevices(node.Row, node.Devices.Sharing, node.Rooms(rooms));
    }

    private void WriteFree(NodeEntry entry, int slot)
    {
        var requested = slot == ResourceTable.Pods ? entry.PodCount : slot < entry.Requested.Length ? entry.Requested[slot] : 0;
        var page = _pages.PageOf(entry.Row);
        var allocatable = page.Allocatable(slot)[entry.Row & NodePage.RowMask];
        _pages.SetFree(entry.Row, slot, (int)Math.Clamp(allocatable - requested, int.MinValue, int.MaxValue));
    }

    private void WriteNode(NodeEntry entry)
    {
        var node = entry.Node!;
        var row = entry.Row;
        Tables = Tables.WithResources([.. node.Allocatable]);
        var (models, modelId) = Tables.Models.With(node.Gpu.Model);
        var (taints, taintSetId) = Tables.Taints.With(node.Taints);
        Tables = Tables with { Models = models, Taints = taints };

        var resources = Tables.Resources;
        var amounts = new int[resources.Count];
        foreach (var (name, amount) in node.Allocatable)
        {
            var slot = resources.SlotOf(name);
            if (slot >= 0) amounts[slot] = (int)Math.Min(amount, int.MaxValue);
        }

        for (var slot = 0; slot < amounts.Length; slot++)
        {
            _pages.SetAllocatable(row, slot, amounts[slot]);
            WriteFree(entry, slot);
        }

        WriteDomains(row, node);
        _pages.SetLabels(row, modelId, node.Gpu.MemoryMiB, taintSetId);
        var devices = NodeDevices.Of(node, _options.Catalog, _options.UnhealthyConditions);
        var mig = MigNode.Of(node, _options.Catalog, _options.MigCatalog);
        if (mig.CountsLike(entry.Mig.Node)) entry.Mig = new MigAccount(mig);
        else ReassignMig(entry, mig);
        _pages.SetNode(row, new NodeRow(row, node, devices) { Mig = mig });
        entry.IsUnhealthy = DeviceHealth.BadCondition(node, _options.UnhealthyConditions) is not null;
        _pages.SetGpuPods(row, entry.GpuPods, entry.GpuClosed);
        _namesChanged = true;

        if (devices.CountsLike(entry.Devices)) entry.Devices = devices;
        else Reassign(entry, devices);
        WriteDevices(entry);
        WriteMig(entry);
        _pages.SetPods(row, entry.PlacedPods());
    }

    private void WriteDomains(int row, Node node)
    {
        var around = DomainTable.Cluster;
        for (var level = 0; level < Tables.Levels.Keys.Count; level++)
        {
            var (domains, domain) = node.Labels.GetValueOrDefault(Tables.Levels.Keys[level]) is { Length: > 0 } value
                ? Tables.Domains.With(around, level, value) : (Tables.Domains, 0);
            if (!ReferenceEquals(domains, Tables.Domains)) Tables = Tables with { Domains = domains };
            if (domain != 0) around = domain;
            _pages.SetDomain(row, level, domain);
        }
    }

    /// <summary>The devices changed (or became known): every pod of the node is given its devices anew, those with proof first.</summary>
    private static void Reassign(NodeEntry entry, NodeDevices known)
    {
        var devices = known.Cards.Length;
        entry.Devices = known;
        entry.Uses = new DeviceUse[devices];
        var unproven = new List<PodEntry>();
        foreach (var pod in entry.Pods)
        {
            var demand = pod.Pod.Shape.Gpu;
            if (demand.IsNone || devices == 0) pod.Placed = pod.Placed with { DeviceMask = 0, DevicesInferred = false };
            else if (Assignment.TryRead(pod.Pod, known, out var mask)) Assign(pod, mask, inferred: false);
            else if (IsWithin(pod.Placed, demand, devices)) Assign(pod, pod.Placed.DeviceMask, pod.Placed.DevicesInferred);
            else unproven.Add(pod);
        }

        foreach (var pod in unproven) Assign(pod, Guess(entry, pod.Pod.Shape.Gpu), inferred: true);

        void Assign(PodEntry pod, uint mask, bool inferred)
        {
            pod.Placed = pod.Placed with { DeviceMask = mask, DevicesInferred = inferred };
            entry.Count(mask, pod.Pod.Shape.Gpu, +1);
        }

        static bool IsWithin(PlacedPod placed, GpuDemand demand, int devices) =>
            BitOperations.PopCount(placed.DeviceMask) == demand.Count && (devices >= 32 || placed.DeviceMask >> devices == 0);
    }

    private static long[] Grow(long[] amounts, int length)
    {
        Array.Resize(ref amounts, length);
        return amounts;
    }
}
