namespace GpuScheduler.Simulation.Mig;

/// <summary>The first GPU with room, at the lowest start.</summary>
internal sealed class FirstFitPolicy : MigPolicy
{
    public override MigSpot Choose(MigFleet fleet, int profile)
    {
        for (var gpu = 0; gpu < fleet.Gpus.Length; gpu++)
        {
            if (LowestStart(fleet, gpu, profile) is >= 0 and var start) return new MigSpot(gpu, start);
        }

        return MigSpot.None;
    }
}

/// <summary>
/// The GPU with room that has the fewest free memory slices (best fit) or the most (worst fit, how kube-scheduler's default LeastAllocated
/// spreads), at the lowest start or at the one that blocks fewest free starts of all shapes; the first of equals.
/// </summary>
internal sealed class FreeSlicesPolicy(bool fewest, bool bestIndex = false) : MigPolicy
{
    public override MigSpot Choose(MigFleet fleet, int profile)
    {
        var spot = MigSpot.None;
        var best = int.MinValue;
        for (var gpu = 0; gpu < fleet.Gpus.Length; gpu++)
        {
            var taken = ushort.PopCount(fleet.Gpus[gpu].Mask);
            var score = fewest ? taken : -taken;
            if (score <= best || (bestIndex ? LeastBlocking(fleet, gpu, profile) : LowestStart(fleet, gpu, profile)) is not (>= 0 and var start)) continue;
            best = score;
            spot = new MigSpot(gpu, start);
        }

        return spot;
    }

    private static int LeastBlocking(MigFleet fleet, int gpu, int profile)
    {
        var (geometry, taken) = (fleet.Geometry, fleet.Gpus[gpu]);
        var (found, most) = (-1, -1);
        for (var rest = (uint)geometry.FreeStarts(taken, profile); rest != 0; rest &= rest - 1)
        {
            var start = System.Numerics.BitOperations.TrailingZeroCount(rest);
            var after = geometry.Place(taken, profile, start);
            var left = Enumerable.Range(0, geometry.Profiles.Count).Sum(other => ushort.PopCount(geometry.FreeStarts(after, other)));
            if (left > most) (found, most) = (start, left);
        }

        return found;
    }
}

/// <summary>The next GPU with room after the one used last, at the lowest start.</summary>
internal sealed class RoundRobinPolicy : MigPolicy
{
    private int _next;

    public override MigSpot Choose(MigFleet fleet, int profile)
    {
        for (var step = 0; step < fleet.Gpus.Length; step++)
        {
            var gpu = (_next + step) % fleet.Gpus.Length;
            if (LowestStart(fleet, gpu, profile) is not (>= 0 and var start)) continue;
            _next = gpu + 1;
            return new MigSpot(gpu, start);
        }

        return MigSpot.None;
    }
}
