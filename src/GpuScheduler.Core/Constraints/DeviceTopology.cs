using System.Numerics;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Constraints;

/// <summary>
/// How the GPUs of one node are joined: NVLink islands and NUMA nodes as bit masks over device indices. From the node's own inventory
/// (<c>gpu-scheduler.io/node-devices</c>) as far as it tells, else from <see cref="LinkTable"/> by model. Immutable.
/// </summary>
public sealed class DeviceTopology
{
    private readonly uint[][] _linkTiers;
    private readonly uint[] _pairs;
    private readonly uint[] _numaNodes;

    private DeviceTopology(uint[][] linkTiers, uint[] pairs, uint[] numaNodes, IReadOnlyList<GpuDevice> devices) =>
        (_linkTiers, _pairs, _numaNodes, Devices) = (linkTiers, pairs, numaNodes, devices);

    /// <summary>Of a node without GPUs.</summary>
    public static DeviceTopology None { get; } = new([], [], [], []);

    /// <summary>The GPUs that somebody describes one by one, by ascending index; others are known by the node's labels alone.</summary>
    public IReadOnlyList<GpuDevice> Devices { get; }

    /// <summary>Puts together what is known.</summary>
    /// <param name="model">The node's GPU model.</param>
    /// <param name="count">Devices that are told apart.</param>
    /// <param name="devices">What is known of single devices.</param>
    public static DeviceTopology Of(string model, int count, IReadOnlyList<GpuDevice> devices)
    {
        if (count == 0 && devices.Count == 0) return None;
        var islands = Groups(devices, count, device => device.LinkIsland);
        var numa = Groups(devices, count, device => device.Numa < 0 ? "" : $"{device.Numa}");
        return new DeviceTopology(
            islands is null ? LinkTable.TiersOf(model, count) : [islands],
            islands is null ? LinkTable.PairsOf(model, count) : [],
            numa ?? LinkTable.NumaNodesOf(model, count),
            devices);
    }

    /// <summary>The most devices of <paramref name="free"/> that are joined as wished, for a pod that wants <paramref name="count"/>.</summary>
    /// <param name="free">Devices to choose from, a bit each.</param>
    /// <param name="count">How many the pod wants.</param>
    /// <param name="link">In one NVLink island.</param>
    /// <param name="numa">On one NUMA node.</param>
    public int MostJoined(uint free, int count, bool link, bool numa) => BitOperations.PopCount(BestGroup(free, count, link, numa, tightest: false));

    /// <summary>
    /// Devices to give to a pod: all of one group where there is such a group, the one that is left fullest by it, and pairs of neighbours
    /// before parts of pairs; 0 when no group has enough.
    /// </summary>
    /// <inheritdoc cref="MostJoined"/>
    public uint Choose(uint free, int count, bool link, bool numa)
    {
        var group = link || numa ? BestGroup(free, count, link, numa, tightest: true) : free;
        return BitOperations.PopCount(group) < count ? 0 : Pick(group, free, count);
    }

    /// <summary>The free devices of the best group: the one with most of them, or the one with the fewest that are enough.</summary>
    private uint BestGroup(uint free, int count, bool link, bool numa, bool tightest)
    {
        uint best = 0;
        var islands = link ? TierFor(count) : default;
        var nodes = numa ? _numaNodes : default(ReadOnlySpan<uint>);
        for (var i = 0; i < Math.Max(1, islands.Length); i++)
        {
            for (var j = 0; j < Math.Max(1, nodes.Length); j++)
            {
                var group = free & (!link ? uint.MaxValue : islands.Length > 0 ? islands[i] : 0) & (!numa ? uint.MaxValue : nodes.Length > 0 ? nodes[j] : 0);
                var size = BitOperations.PopCount(group);
                var known = BitOperations.PopCount(best);
                if (tightest && known >= count ? size >= count && size < known : size > known) best = group;
            }
        }

        return best;
    }

    private ReadOnlySpan<uint> TierFor(int count)
    {
        foreach (var tier in _linkTiers)
        {
            foreach (var group in tier)
            {
                if (BitOperations.PopCount(group) >= count) return tier;
            }
        }

        return _linkTiers.Length > 0 ? _linkTiers[^1] : default(ReadOnlySpan<uint>);
    }

    private uint Pick(uint group, uint free, int count)
    {
        uint chosen = 0;
        foreach (var pair in _pairs)
        {
            if (count - BitOperations.PopCount(chosen) >= 2 && (group & pair) == pair) chosen |= pair;
        }

        // A single one comes from a pair that is broken already.
        uint whole = 0;
        foreach (var pair in _pairs)
        {
            if ((free & pair) == pair) whole |= pair;
        }

        chosen = Fill(chosen, group & ~whole, count);
        return Fill(chosen, group, count);
    }

    private static uint Fill(uint chosen, uint from, int count)
    {
        for (var rest = from & ~chosen; rest != 0 && BitOperations.PopCount(chosen) < count; rest &= rest - 1) chosen |= rest & (uint)-(int)rest;
        return chosen;
    }

    /// <summary>The masks of devices of one name; a device without one stands alone. Null when no device has one.</summary>
    private static uint[]? Groups(IReadOnlyList<GpuDevice> devices, int count, Func<GpuDevice, string> nameOf)
    {
        var named = devices.Where(device => device.Index < count && nameOf(device).Length > 0).ToList();
        if (named.Count == 0) return null;
        var groups = named.GroupBy(nameOf, device => 1u << device.Index).Select(group => group.Aggregate((left, right) => left | right)).ToList();
        var covered = groups.Aggregate((left, right) => left | right);
        for (var index = 0; index < count; index++)
        {
            if ((covered >> index & 1) == 0) groups.Add(1u << index);
        }

        return [.. groups];
    }
}
