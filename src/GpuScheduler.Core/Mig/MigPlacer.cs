namespace GpuScheduler.Core.Mig;

/// <summary>One GPU of a node on which instances can be made.</summary>
/// <param name="Index">Its index on the node.</param>
/// <param name="Values">What its remaining room is worth.</param>
/// <param name="Occupancy">What is taken.</param>
public readonly record struct MigGpu(int Index, MigValues Values, MigOccupancy Occupancy);

/// <summary>A place for one instance.</summary>
/// <param name="Gpu">Index of the GPU on the node; -1 for none.</param>
/// <param name="Profile">Position of the profile in that GPU's <see cref="MigGeometry.Profiles"/>.</param>
/// <param name="Start">First memory slice.</param>
/// <param name="Delta">What it costs: 0 or less, the nearer to 0 the better the node.</param>
public readonly record struct MigPlacement(int Gpu, int Profile, int Start, double Delta)
{
    /// <summary>There is no place.</summary>
    public static MigPlacement None { get; } = new(-1, -1, -1, double.NegativeInfinity);

    /// <summary>Whether there is a place.</summary>
    public bool Fits => Gpu >= 0;
}

/// <summary>Chooses GPU and start for instances on a node whose layouts are free to change.</summary>
public static class MigPlacer
{
    /// <summary>Steps after which <see cref="PlaceAll"/> gives up on an unusual mix of profiles, which bounds the time of one call.</summary>
    internal const int MaxSteps = 10_000;

    /// <summary>Sums of the same terms in another order differ by less than this fraction; such costs are equal.</summary>
    private const double Rounding = 1e-12;

    /// <summary>The place that costs the remaining value of the node least: of equals on the fuller GPU, then on the one listed first.</summary>
    public static MigPlacement Best(ReadOnlySpan<MigGpu> gpus, MigProfile profile)
    {
        var best = MigPlacement.None;
        var bestTaken = -1;
        foreach (var gpu in gpus)
        {
            var index = gpu.Values.Geometry.IndexOf(profile);
            if (index < 0) continue;
            var start = gpu.Values.Best(gpu.Occupancy, index);
            if (!start.Fits) continue;
            var taken = ushort.PopCount(gpu.Occupancy.Mask);
            var tolerance = Rounding * Math.Abs(start.Delta);
            if (best.Fits && (start.Delta < best.Delta - tolerance || (start.Delta <= best.Delta + tolerance && taken <= bestTaken))) continue;
            best = new MigPlacement(gpu.Index, index, start.Start, start.Delta);
            bestTaken = taken;
        }

        return best;
    }

    /// <summary>
    /// Places for all instances of a pod, or null. One profile is always placed when it fits; for several at once the large and rigid ones go first
    /// and other starts are tried where that fails, in at most <see cref="MaxSteps"/> steps, after which the answer is null although
    /// there might be room.
    /// </summary>
    /// <param name="gpus">The GPUs of a node.</param>
    /// <param name="profiles">One entry per instance.</param>
    public static IReadOnlyList<MigPlacement>? PlaceAll(ReadOnlySpan<MigGpu> gpus, IReadOnlyList<MigProfile> profiles)
    {
        var search = new Search(gpus.ToArray(), [.. profiles.OrderByDescending(profile => profile.MemoryGb).ThenByDescending(profile => profile.ComputeSlices)]);
        return search.From(0) ? search.Placements : null;
    }

    private sealed class Search(MigGpu[] gpus, MigProfile[] profiles)
    {
        private int _steps;

        public List<MigPlacement> Placements { get; } = [];

        public bool From(int at)
        {
            if (at == profiles.Length) return true;
            foreach (var candidate in Candidates(profiles[at]))
            {
                if (++_steps > MaxSteps) return false;
                var slot = Array.FindIndex(gpus, gpu => gpu.Index == candidate.Gpu);
                var before = gpus[slot];
                gpus[slot] = before with { Occupancy = before.Values.Geometry.Place(before.Occupancy, candidate.Profile, candidate.Start) };
                Placements.Add(candidate);
                if (Enough(at + 1) && From(at + 1)) return true;
                Placements.RemoveAt(Placements.Count - 1);
                gpus[slot] = before;
            }

            return false;
        }

        /// <summary>Whether every profile that is left could still be had as often as asked, were it alone: cuts hopeless branches early.</summary>
        private bool Enough(int from)
        {
            for (var at = from; at < profiles.Length; at++)
            {
                var wanted = 0;
                for (var other = from; other < profiles.Length; other++) wanted += profiles[other] == profiles[at] ? 1 : 0;
                foreach (var gpu in gpus)
                {
                    var index = gpu.Values.Geometry.IndexOf(profiles[at]);
                    if (index >= 0) wanted -= gpu.Values.Geometry.Placeable(gpu.Occupancy, index);
                }

                if (wanted > 0) return false;
            }

            return true;
        }

        private List<MigPlacement> Candidates(MigProfile profile)
        {
            var found = new List<MigPlacement>();
            var seen = new HashSet<(MigValues, MigOccupancy)>();
            if (MigPlacer.Best(gpus, profile) is { Fits: true } best) found.Add(best);
            foreach (var gpu in gpus)
            {
                // GPUs in the same state are the same choice.
                var index = gpu.Values.Geometry.IndexOf(profile);
                if (index < 0 || !seen.Add((gpu.Values, gpu.Occupancy))) continue;
                for (var rest = (uint)gpu.Values.Geometry.FreeStarts(gpu.Occupancy, index); rest != 0; rest &= rest - 1)
                {
                    var start = System.Numerics.BitOperations.TrailingZeroCount(rest);
                    found.Add(new MigPlacement(gpu.Index, index, start, gpu.Values.Delta(gpu.Occupancy, index, start)));
                }
            }

            // A stable sort keeps the best one first among equals.
            return [.. found.OrderByDescending(placement => placement.Delta)];
        }
    }
}
