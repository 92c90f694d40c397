using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Auditing;

/// <summary>
/// Recomputes the use of every device from the annotations of the pods that hold it, apart from the ledger's own sums, and names whatever does
/// not add up. Reads an immutable snapshot: it may run on any thread, as long as it likes.
/// </summary>
public static class SnapshotAudit
{
    /// <summary>Looks at every node.</summary>
    /// <param name="snapshot">What is published.</param>
    /// <param name="catalog">Tells which resources are GPUs.</param>
    public static AuditReport Run(ClusterSnapshot snapshot, GpuResourceCatalog catalog)
    {
        var findings = new List<Finding>();
        int devices = 0, overcommitted = 0;
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            devices += row.Devices.Cards.Length;
            overcommitted += AuditDevices(row, page.Pods(at), findings);
            AuditSums(snapshot, catalog, row, page, at, findings);
        }

        return new AuditReport(snapshot.Generation, devices, overcommitted, findings);
    }

    private static int AuditDevices(NodeRow row, ReadOnlySpan<PlacedPod> pods, List<Finding> findings)
    {
        var cards = row.Devices.Cards;
        var uses = new DeviceUse[cards.Length];
        var holders = new List<string>?[cards.Length];
        foreach (var placed in pods)
        {
            var pod = placed.Pod;
            if (pod.Shape.Gpu.IsNone) continue;
            var isTold = DeviceAnnotation.TryRead(pod, cards.Length, out var mask);
            if (!isTold && pod.Annotations.TryGetValue(DeviceAnnotation.Key, out var text) && text.Length > 0)
            {
                findings.Add(new(FindingKind.PhantomAssignment, row.Name, null, $"pod {pod.FullName} says it holds {text}, which node {row.Name} with {cards.Length} devices cannot have given it"));
            }

            // A guess proves nothing: that such pods are too many shows in what they request of the node.
            if (!isTold && placed.DevicesInferred) continue;
            foreach (var device in (isTold ? placed with { DeviceMask = mask } : placed).Devices)
            {
                uses[device].Add(pod.Shape.Gpu, cards[device], row.Devices.Sharing, +1);
                (holders[device] ??= []).Add(pod.FullName);
            }
        }

        var overcommitted = 0;
        for (var device = 0; device < cards.Length; device++)
        {
            if (holders[device] is not { } names) continue;
            if (!row.Devices.Devices[device].IsHealthy)
            {
                findings.Add(new(FindingKind.UnhealthyInUse, row.Name, device, $"device {device} of node {row.Name} is not healthy and held by {string.Join(", ", names)}"));
            }

            if (!IsTooMuch(uses[device], cards[device])) continue;
            overcommitted++;
            findings.Add(new(FindingKind.OvercommittedDevice, row.Name, device, $"device {device} of node {row.Name} is given out beyond what it has, to {string.Join(", ", names)}"));
        }

        return overcommitted;
    }

    /// <summary>In whole numbers: thousandths and memory are parts of the same device.</summary>
    private static bool IsTooMuch(in DeviceUse use, in DeviceCard card) =>
        card.Memory == 0 ? use.Milli > GpuDemand.WholeMilli
        : (use.Milli * card.Memory) + (use.Memory * GpuDemand.WholeMilli) > (long)card.Memory * GpuDemand.WholeMilli || use.CoresPercent > DeviceRoom.AllCores;

    private static void AuditSums(
        ClusterSnapshot snapshot, GpuResourceCatalog catalog, NodeRow row, NodePage page, int at, List<Finding> findings)
    {
        var table = snapshot.Tables.Resources;
        var requested = new long[table.Count];
        requested[ResourceTable.Pods] = page.Pods(at).Length;
        var uses = new DeviceUse[row.Devices.Cards.Length];
        foreach (var placed in page.Pods(at))
        {
            foreach (var (name, amount) in placed.Pod.Shape.Requests)
            {
                var slot = table.SlotOf(name);
                if (slot >= 0) requested[slot] += amount;
            }

            foreach (var device in placed.Devices)
            {
                if (device < uses.Length) uses[device].Add(placed.Pod.Shape.Gpu, row.Devices.Cards[device], row.Devices.Sharing, +1);
            }
        }

        for (var slot = 0; slot < table.Count; slot++)
        {
            var (allocatable, free) = (page.Allocatable(slot)[at], page.Free(slot)[at]);
            var expected = (int)Math.Clamp(allocatable - requested[slot], int.MinValue, int.MaxValue);
            if (free != expected) findings.Add(new(FindingKind.WrongSum, row.Name, null, $"node {row.Name}: free {table.Names[slot]} is {free}, should be {expected}"));
            if (expected < 0 && catalog.KindOf(table.Names[slot]) != GpuResourceKind.None)
            {
                findings.Add(new(FindingKind.BeyondAllocatable, row.Name, null, $"node {row.Name}: pods hold {requested[slot]} {table.Names[slot]} of {allocatable}"));
            }
        }

        for (var device = 0; device < uses.Length; device++)
        {
            var (expected, actual) = (uses[device].RoomOn(row.Devices.Cards[device]), page.Room(at, device));
            if (row.Devices.Sharing != SharingDialect.VolcanoVgpu) expected = expected with { CoresPercent = 0, Tasks = 0 };
            if (actual != expected) findings.Add(new(FindingKind.WrongSum, row.Name, device, $"node {row.Name}: device {device} has {actual} left, should have {expected}"));
        }
    }
}
