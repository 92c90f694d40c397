using System.Numerics;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// Recomputes what a snapshot should say from the objects alone, without the ledger's own sums, and names every difference. Ships with the
/// service, as kube-scheduler's cache comparer does (<c>pkg/scheduler/backend/cache/debugger/comparer.go</c>).
/// </summary>
public static class SnapshotComparer
{
    /// <summary>Compares; an empty list means no drift.</summary>
    /// <param name="snapshot">What is published.</param>
    /// <param name="nodes">Every node that exists.</param>
    /// <param name="pods">Every pod that exists, as the API server has it; terminal ones count for nothing.</param>
    public static IReadOnlyList<string> Compare(ClusterSnapshot snapshot, IEnumerable<Node> nodes, IEnumerable<Pod> pods)
    {
        var drift = new List<string>();
        var byNode = pods.Where(pod => pod is { NodeName: not null, IsTerminal: false }).ToLookup(pod => pod.NodeName!);
        var expected = nodes.ToDictionary(node => node.Name);
        foreach (var row in snapshot.Names.Rows)
        {
            if (!expected.Remove(row.Name, out var node)) drift.Add($"node {row.Name} is in the snapshot but does not exist");
            else CompareNode(snapshot, row, node, [.. byNode[row.Name]], drift);
        }

        foreach (var name in expected.Keys) drift.Add($"node {name} exists but is not in the snapshot");
        return drift;
    }

    private static void CompareNode(ClusterSnapshot snapshot, NodeRow row, Node node, Pod[] pods, List<string> drift)
    {
        var page = snapshot.PageOf(row.Row);
        var at = row.Row & NodePage.RowMask;
        var placed = page.Pods(at).ToArray();
        foreach (var uid in placed.Where(pod => !pod.IsAssumed).Select(pod => pod.Pod.Uid).Except(pods.Select(pod => pod.Uid)))
        {
            drift.Add($"node {row.Name}: counts pod {uid}, which is not there");
        }

        foreach (var pod in pods.ExceptBy(placed.Select(pod => pod.Pod.Uid), pod => pod.Uid))
        {
            drift.Add($"node {row.Name}: does not count pod {pod.FullName}");
        }

        // Assumed pods are ours to count before the API server shows them.
        Pod[] counted = [.. pods, .. placed.Where(pod => pod.IsAssumed).Select(pod => pod.Pod).ExceptBy(pods.Select(pod => pod.Uid), pod => pod.Uid)];
        for (var slot = 0; slot < snapshot.Tables.Resources.Count; slot++)
        {
            var name = snapshot.Tables.Resources.Names[slot];
            var allocatable = Math.Min(node.AllocatableOf(name), int.MaxValue);
            var requested = slot == ResourceTable.Pods ? counted.Length : counted.Sum(pod => AmountOf(pod, name));
            Expect($"free {name}", Math.Clamp(allocatable - requested, int.MinValue, int.MaxValue), page.Free(slot)[at]);
            Expect($"allocatable {name}", allocatable, page.Allocatable(slot)[at]);
        }

        CompareDevices(row.Name, page, at, placed, drift);
        CompareMig(row, page, at, placed, drift);

        void Expect(string what, long expected, long actual)
        {
            if (expected != actual) drift.Add($"node {row.Name}: {what} is {actual}, should be {expected}");
        }
    }

    private static void CompareDevices(string node, NodePage page, int at, PlacedPod[] placed, List<string> drift)
    {
        var devices = page.Node(at)!.Devices;
        var count = page.DeviceFreeMilli(at).Length;
        var used = new DeviceUse[count];
        foreach (var pod in placed)
        {
            var demand = pod.Pod.Shape.Gpu;
            foreach (var device in pod.Devices) used[device].Add(demand, devices.Cards[device], devices.Sharing, +1);
            var expected = count == 0 ? 0 : Math.Min(demand.Count, count);
            var held = BitOperations.PopCount(pod.DeviceMask);

            // Another scheduler may have spread the containers of a share over more devices.
            if (demand.IsMemoryShare ? held < expected : held != expected)
            {
                drift.Add($"node {node}: pod {pod.Pod.FullName} holds {held} devices, should hold {expected}");
            }
        }

        for (var device = 0; device < count; device++)
        {
            var (expected, actual) = (used[device].RoomOn(devices.Cards[device]), page.Room(at, device));
            if (devices.Sharing != SharingDialect.VolcanoVgpu) expected = expected with { CoresPercent = 0, Tasks = 0 };
            if (actual.Milli != expected.Milli) drift.Add($"node {node}: device {device} has {actual.Milli} milli free, should have {expected.Milli}");
            else if (actual != expected) drift.Add($"node {node}: device {device} has {actual} left, should have {expected}");
        }
    }

    private static void CompareMig(NodeRow row, NodePage page, int at, PlacedPod[] placed, List<string> drift)
    {
        var isDynamic = row.Mig.Mode == MigMode.Dynamic;
        if ((page.MigGpus[at] != 0) != isDynamic) drift.Add($"node {row.Name}: its MIG mode is {row.Mig.Mode}, which its columns deny");
        if (!isDynamic) return;
        var account = new MigAccount(row.Mig);
        foreach (var slot in row.Mig.Told) account.TryAdd(slot);
        foreach (var pod in placed)
        {
            var wanted = pod.Pod.Shape.Mig.Sum(request => request.Count);
            if (pod.Mig.Count != wanted) drift.Add($"node {row.Name}: pod {pod.Pod.FullName} holds {pod.Mig.Count} MIG instances, should hold {wanted}");
            foreach (var slot in pod.Mig)
            {
                if (!account.TryAdd(slot) && !row.Mig.Told.Contains(slot)) drift.Add($"node {row.Name}: pod {pod.Pod.FullName} holds {slot}, where something else is");
            }
        }

        var actual = MigAccount.Read(page, at);
        if (!account.Gpus.SequenceEqual(actual.Gpus))
        {
            drift.Add($"node {row.Name}: MIG slices taken are {string.Join(", ", actual.Gpus.ToArray())}, should be {string.Join(", ", account.Gpus.ToArray())}");
        }
    }

    private static long AmountOf(Pod pod, string resourceName)
    {
        foreach (var (name, amount) in pod.Shape.Requests)
        {
            if (name == resourceName) return amount;
        }

        return 0;
    }
}
