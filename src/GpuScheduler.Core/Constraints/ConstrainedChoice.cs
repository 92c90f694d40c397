using System.Numerics;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Constraints;

/// <summary>
/// Chooses devices for pods whose constraints bear on them: what is required holds, what is preferred holds where it can. All other pods are
/// left to the chooser underneath.
/// </summary>
internal static class ConstrainedChoice
{
    /// <summary>A chooser that heeds constraints, over one that need not.</summary>
    public static DeviceChooser Over(DeviceChooser other) => (page, rowInPage, shape) =>
        shape.Constraints is { ChoosesDevices: true } && !shape.Gpu.IsNone ? Choose(page, rowInPage, shape, other) : other(page, rowInPage, shape);

    private static uint Choose(NodePage page, int rowInPage, PodShape shape, DeviceChooser other)
    {
        var wants = shape.Constraints!;
        var allowed = ConstraintCheck.Allowed(wants, page, rowInPage);
        var isFree = allowed == (1u << Math.Min(page.GpuCount[rowInPage], NodePage.MaxDevices)) - 1;
        var free = ConstraintCheck.WithRoom(allowed, page, rowInPage, shape.Gpu);
        if (shape.Gpu.Count > 1 && (wants.LinkIsland != Wish.None || wants.NumaNode != Wish.None))
        {
            return ChooseTogether(page.Node(rowInPage)!.Topology, wants, free, shape.Gpu.Count);
        }

        return isFree && wants.Placement == Placement.Default ? other(page, rowInPage, shape)
            : ChooseByRoom(page.DeviceFreeMilli(rowInPage), free, shape.Gpu, wants.Placement == Placement.Spread);
    }

    /// <summary>First as the pod would like it best, then without one preference after the other.</summary>
    private static uint ChooseTogether(DeviceTopology topology, PodConstraints wants, uint free, int count)
    {
        ReadOnlySpan<(bool Link, bool Numa)> attempts =
        [
            (wants.LinkIsland != Wish.None, wants.NumaNode != Wish.None),
            (wants.LinkIsland != Wish.None, wants.NumaNode == Wish.Required),
            (wants.LinkIsland == Wish.Required, wants.NumaNode != Wish.None),
            (wants.LinkIsland == Wish.Required, wants.NumaNode == Wish.Required),
        ];
        foreach (var (link, numa) in attempts)
        {
            var chosen = topology.Choose(free, count, link, numa);
            if (chosen != 0) return chosen;
        }

        return 0;
    }

    /// <summary>The fullest devices that fit, or the emptiest.</summary>
    private static uint ChooseByRoom(ReadOnlySpan<ushort> freeMilli, uint free, in GpuDemand demand, bool emptiest)
    {
        uint chosen = 0;
        while (BitOperations.PopCount(chosen) < demand.Count)
        {
            var best = -1;
            for (var rest = free & ~chosen; rest != 0; rest &= rest - 1)
            {
                var device = BitOperations.TrailingZeroCount(rest);
                if (best < 0 || (emptiest ? freeMilli[device] > freeMilli[best] : freeMilli[device] < freeMilli[best])) best = device;
            }

            if (best < 0) return 0;
            chosen |= 1u << best;
        }

        return chosen;
    }
}
