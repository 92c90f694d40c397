using System.Collections.Immutable;
using System.Numerics;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Mig;

/// <summary>Whether several profiles fit on the GPUs of a node together. Allocates nothing; <see cref="MigPlacer"/> says where.</summary>
internal static class MigRoom
{
    /// <summary>
    /// Searches for places of all instances, largest first. The answer is no when none were found in <see cref="MigPlacer.MaxSteps"/> steps.
    /// </summary>
    /// <param name="geometry">The kind of the GPUs.</param>
    /// <param name="gpus">What is taken of each, all legal; left as it was.</param>
    /// <param name="requests">What is asked.</param>
    public static bool Holds(MigGeometry geometry, Span<MigOccupancy> gpus, ImmutableArray<MigRequest> requests)
    {
        var steps = 0;
        return Place(geometry, gpus, requests, 0, 0, ref steps);
    }

    /// <summary>What is taken of the GPUs of a row on which instances are made as needed; closed ones are left out.</summary>
    /// <returns>How many were written.</returns>
    public static int Read(NodePage page, int row, Span<MigOccupancy> taken)
    {
        var count = 0;
        for (var rest = (uint)page.MigGpus[row]; rest != 0; rest &= rest - 1)
        {
            var gpu = BitOperations.TrailingZeroCount(rest);
            var mask = page.MigMasks(row)[gpu];
            if (mask != ushort.MaxValue) taken[count++] = new MigOccupancy(mask, (page.MigMedia[row] >> gpu & 1) != 0);
        }

        return count;
    }

    private static bool Place(MigGeometry geometry, Span<MigOccupancy> gpus, ImmutableArray<MigRequest> requests, int at, int placed, ref int steps)
    {
        while (at < requests.Length && placed == requests[at].Count) (at, placed) = (at + 1, 0);
        if (at == requests.Length) return true;
        var profile = geometry.IndexOf(requests[at].Profile);
        if (profile < 0 || !IsEnough(geometry, gpus, profile, requests[at].Count - placed)) return false;
        for (var gpu = 0; gpu < gpus.Length; gpu++)
        {
            var before = gpus[gpu];
            if (gpus[..gpu].Contains(before)) continue; // The same choice was tried.
            for (var starts = (uint)geometry.FreeStarts(before, profile); starts != 0; starts &= starts - 1)
            {
                if (++steps > MigPlacer.MaxSteps) return false;
                gpus[gpu] = geometry.Place(before, profile, BitOperations.TrailingZeroCount(starts));
                var found = Place(geometry, gpus, requests, at, placed + 1, ref steps);
                gpus[gpu] = before;
                if (found) return true;
            }
        }

        return false;
    }

    private static bool IsEnough(MigGeometry geometry, ReadOnlySpan<MigOccupancy> gpus, int profile, int wanted)
    {
        foreach (var gpu in gpus) wanted -= geometry.Placeable(gpu, profile);
        return wanted <= 0;
    }
}
