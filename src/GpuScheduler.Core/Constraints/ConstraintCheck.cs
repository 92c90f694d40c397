using System.Numerics;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Constraints;

/// <summary>Whether a node meets a pod's constraints, one row at a time: only pods that have any pay for it. Pure, allocates nothing.</summary>
internal static class ConstraintCheck
{
    /// <summary>The first constraint that the node of a row does not meet.</summary>
    public static ConstraintMiss Of(PodShape shape, NodePage page, int rowInPage)
    {
        var wants = shape.Constraints!;
        var node = page.Node(rowInPage)!;
        if (wants.Problems.Count > 0) return new(ConstraintKind.Unreadable, 0, IsLasting: true);
        if (wants.WholeGpuOnly && shape.UsesGpu && !shape.Gpu.IsWhole) return new(ConstraintKind.PartsOfGpus, 0, IsLasting: true);
        if (wants.WholeGpuOnly && (node.Node.Gpu.IsShared || node.Node.Gpu.MigProfile.Length > 0)) return new(ConstraintKind.WholeGpus, 0, IsLasting: true);
        if (MostMemory(node) < wants.MinGpuMemoryMiB) return new(ConstraintKind.Memory, MostMemory(node), IsLasting: true);
        if (node.Node.Gpu.ComputeCapability < wants.MinComputeCapability) return new(ConstraintKind.Capability, node.Node.Gpu.ComputeCapability, IsLasting: true);
        if (wants.ExclusiveNode && page.GpuPods[rowInPage] > 0) return new(ConstraintKind.ExclusiveNode, 0, IsLasting: false);
        return shape.Gpu.IsNone ? default : CheckDevices(shape, page, rowInPage);
    }

    /// <summary>The devices of a row that a pod may have, a bit each, whether or not anything of them is free.</summary>
    public static uint Allowed(PodConstraints wants, NodePage page, int rowInPage)
    {
        var count = Math.Min(page.GpuCount[rowInPage], NodePage.MaxDevices);
        var allowed = (1u << count) - 1;
        if (wants.AvoidGpus.Count == 0 && wants.MinGpuMemoryMiB == 0) return allowed;
        var node = page.Node(rowInPage)!;
        foreach (var device in node.Topology.Devices)
        {
            var memory = device.MemoryMiB > 0 ? device.MemoryMiB : node.Node.Gpu.MemoryMiB;
            if (device.Index < count && (memory < wants.MinGpuMemoryMiB || IsAvoided(wants, device.Uuid))) allowed &= ~(1u << device.Index);
        }

        return allowed;
    }

    /// <summary>Of <paramref name="devices"/>, those on which one GPU's part of a demand fits.</summary>
    public static uint WithRoom(uint devices, NodePage page, int rowInPage, in GpuDemand demand)
    {
        if (demand.IsMemoryShare && page.Sharing[rowInPage] != (int)demand.Memory.Dialect) return 0;
        for (var rest = devices; rest != 0; rest &= rest - 1)
        {
            var device = BitOperations.TrailingZeroCount(rest);
            if (!page.Room(rowInPage, device).Fits(demand)) devices &= ~(1u << device);
        }

        return devices;
    }

    private static ConstraintMiss CheckDevices(PodShape shape, NodePage page, int rowInPage)
    {
        var wants = shape.Constraints!;
        var count = shape.Gpu.Count;
        var link = wants.LinkIsland == Wish.Required;
        var numa = wants.NumaNode == Wish.Required;
        var isTogether = (link || numa) && count > 1;
        if (page.GpuCount[rowInPage] == 0) return isTogether ? new(ConstraintKind.NotToldApart, 0, IsLasting: true) : default;

        var allowed = Allowed(wants, page, rowInPage);
        var free = WithRoom(allowed, page, rowInPage, shape.Gpu);
        var left = BitOperations.PopCount(free);
        if (left < count && (wants.AvoidGpus.Count > 0 || wants.MinGpuMemoryMiB > 0))
        {
            return new(ConstraintKind.AllowedGpus, left, BitOperations.PopCount(allowed) < count);
        }

        if (!isTogether) return default;
        var topology = page.Node(rowInPage)!.Topology;
        var most = topology.MostJoined(free, count, link, numa);
        if (most >= count) return default;
        var kind = link && numa ? ConstraintKind.LinkIslandOnNumaNode : link ? ConstraintKind.LinkIsland : ConstraintKind.NumaNode;
        return new(kind, most, topology.MostJoined(allowed, count, link, numa) < count);
    }

    /// <summary>Memory of the largest GPU of a node, in MiB; 0 when unknown.</summary>
    private static int MostMemory(NodeRow node)
    {
        var most = 0;
        var isPartlyTold = node.Topology.Devices.Count == 0;
        foreach (var device in node.Topology.Devices)
        {
            most = Math.Max(most, device.MemoryMiB);
            isPartlyTold |= device.MemoryMiB == 0;
        }

        return isPartlyTold ? Math.Max(most, node.Node.Gpu.MemoryMiB) : most;
    }

    private static bool IsAvoided(PodConstraints wants, string uuid)
    {
        for (var i = 0; i < wants.AvoidGpus.Count; i++)
        {
            if (wants.AvoidGpus[i] == uuid) return true;
        }

        return false;
    }
}
