using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Http;

/// <summary>Makes the answers of <c>/api/v1/nodes</c> out of a snapshot.</summary>
/// <param name="catalog">Tells which resources are GPUs.</param>
internal sealed class NodeBodies(GpuResourceCatalog catalog)
{
    /// <summary>Labels by which providers name a node's pool: GKE, EKS, AKS, Karpenter.</summary>
    private static readonly string[] PoolLabels =
    [
        "cloud.google.com/gke-nodepool", "eks.amazonaws.com/nodegroup", "kubernetes.azure.com/agentpool", "agentpool", "karpenter.sh/nodepool",
    ];

    /// <summary>A page of nodes in row order.</summary>
    /// <param name="snapshot">Snapshot to read.</param>
    /// <param name="afterRow">Row of the last node of the page before; -1 for the first page.</param>
    /// <param name="limit">Most nodes in the page.</param>
    public NodeListBody List(ClusterSnapshot snapshot, int afterRow, int limit)
    {
        var rows = snapshot.Names.Rows;
        var first = 0;
        while (first < rows.Length && rows[first].Row <= afterRow) first++;
        var items = new List<NodeSummary>();
        foreach (var row in rows[first..Math.Min(rows.Length, first + Math.Min(limit, rows.Length))]) items.Add(Summary(snapshot, row));
        var next = first + items.Count < rows.Length && items.Count > 0 ? rows[first + items.Count - 1].Row.ToString() : null;
        return new NodeListBody(snapshot.Generation, snapshot.NodeCount, items, next);
    }

    /// <summary>Everything about one node.</summary>
    public static NodeBody Detail(ClusterSnapshot snapshot, NodeRow row)
    {
        var page = snapshot.PageOf(row.Row);
        var at = row.Row & NodePage.RowMask;
        var pods = page.Pods(at).ToArray();
        var devices = page.DeviceFreeMilli(at);
        var deviceBodies = new List<DeviceBody>();
        for (var i = 0; i < devices.Length; i++)
        {
            var index = i;
            var (device, room) = (row.Devices.Devices[i], page.Room(at, i));
            deviceBodies.Add(new(
                i,
                devices[i],
                [.. pods.Where(pod => (pod.DeviceMask >> index & 1) != 0).Select(pod => pod.Pod.FullName)],
                NullIfEmpty(device.Uuid),
                device.MemoryMiB,
                room.TotalMemory == 0 ? null : (long)room.Memory * row.Devices.MemoryUnitMiB,
                device.IsHealthy,
                device.IsInferred));
        }

        var node = row.Node;
        return new NodeBody(
            snapshot.Generation,
            page.Generation,
            node.Name,
            node.Uid,
            node.ResourceVersion,
            NullIfEmpty(node.Gpu.Model),
            NullIfEmpty(node.Gpu.Family),
            node.Gpu.MemoryMiB,
            node.IsUnschedulable,
            node.Conditions,
            [.. node.Taints.Select(TextOf)],
            Topology(snapshot, node),
            Resources(snapshot, page, at, _ => true),
            deviceBodies,
            [.. pods.Select(PodOf)],
            node.Labels,
            node.Annotations,
            node.Problems)
        {
            Mig = MigBodies.Of(row.Mig, page, at),
        };
    }

    private NodeSummary Summary(ClusterSnapshot snapshot, NodeRow row)
    {
        var page = snapshot.PageOf(row.Row);
        var at = row.Row & NodePage.RowMask;
        var devices = page.DeviceFreeMilli(at);
        var freeMilli = new int[devices.Length];
        for (var i = 0; i < freeMilli.Length; i++) freeMilli[i] = devices[i];
        return new NodeSummary(
            row.Name,
            NullIfEmpty(row.Node.Gpu.Model),
            page.GpuCount[at],
            page.OpenGpus(at),
            freeMilli,
            Resources(snapshot, page, at, name => catalog.KindOf(name) != GpuResourceKind.None),
            page.Pods(at).Length,
            row.Node.IsUnschedulable,
            Topology(snapshot, row.Node),
            row.Node.Gpu.MemoryMiB,
            PoolOf(row.Node),
            [.. row.Node.Taints.Select(TextOf)],
            FreeMemory(page, at, row),
            [.. Enumerable.Range(0, devices.Length).Where(device => !row.Devices.Devices[device].IsHealthy)]);
    }

    /// <summary>A taint as kubectl writes it: <c>key=value:effect</c>.</summary>
    public static string TextOf(Taint taint) => $"{taint.Key}{(taint.Value.Length > 0 ? "=" + taint.Value : "")}:{taint.Effect}";

    private static List<long>? FreeMemory(NodePage page, int at, NodeRow row)
    {
        var count = page.DeviceFreeMilli(at).Length;
        return count == 0 || page.Room(at, 0).TotalMemory == 0 ? null
            : [.. Enumerable.Range(0, count).Select(device => (long)page.Room(at, device).Memory * row.Devices.MemoryUnitMiB)];
    }

    /// <summary>The pool a node belongs to, by its provider's label; null without one.</summary>
    public static string? PoolOf(Node node)
    {
        foreach (var key in PoolLabels)
        {
            if (node.Labels.TryGetValue(key, out var pool)) return pool;
        }

        return null;
    }

    private static SortedDictionary<string, ResourceBody> Resources(ClusterSnapshot snapshot, NodePage page, int at, Func<string, bool> shown)
    {
        var table = snapshot.Tables.Resources;
        var resources = new SortedDictionary<string, ResourceBody>(StringComparer.Ordinal);
        for (var slot = 0; slot < table.Count; slot++)
        {
            var (allocatable, free) = (page.Allocatable(slot)[at], page.Free(slot)[at]);
            if ((allocatable != 0 || free != 0) && shown(table.Names[slot])) resources.Add(table.Names[slot], new(allocatable, free));
        }

        return resources;
    }

    private static Dictionary<string, string> Topology(ClusterSnapshot snapshot, Node node)
    {
        var topology = new Dictionary<string, string>();
        foreach (var key in snapshot.Tables.Levels.Keys)
        {
            if (node.Labels.TryGetValue(key, out var domain)) topology.Add(key, domain);
        }

        return topology;
    }

    private static PodBody PodOf(PlacedPod placed)
    {
        var requests = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, amount) in placed.Pod.Shape.Requests) requests.Add(name, amount);
        return new PodBody(
            placed.Pod.Namespace, placed.Pod.Name, placed.Pod.Uid, requests, [.. placed.Devices], placed.DevicesInferred, placed.IsAssumed);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
