namespace GpuScheduler.Core.Mig;

/// <summary>How much device counts say of the layouts of a node's GPUs.</summary>
public enum MigInferenceStatus
{
    /// <summary>All GPUs hold the same instances at the same starts; no other layouts give these counts.</summary>
    Certain,

    /// <summary>Several layouts give these counts.</summary>
    Ambiguous,

    /// <summary>No layouts give these counts: the node is being reconfigured, or its GPUs are not what they were taken for.</summary>
    Impossible,

    /// <summary>Too many combinations to search, or placements that are not known: any layout has to be reckoned with.</summary>
    Unknown,
}

/// <summary>
/// What can be concluded about the layouts of a node's GPUs from nothing but its device counts, which is all a device plugin tells: neither
/// the GPU nor the start of a device is known. Never more than that is concluded; in particular not that a driver fills from the low
/// slices, which it does not (MIG User Guide: a lone 2g goes to slice 4, 1g's to 6, 0, 1, 2, 3).
/// </summary>
/// <param name="Status">How much is known.</param>
/// <param name="Layouts">
/// The layouts any GPU of the node may have, suffixes left aside; none when <see cref="MigInferenceStatus.Impossible"/> and when
/// <see cref="MigInferenceStatus.Unknown"/>.
/// </param>
/// <param name="Reason">Why nothing is concluded; empty when something is.</param>
public sealed record MigInference(MigInferenceStatus Status, IReadOnlyList<MigLayout> Layouts, string Reason)
{
    /// <summary>Bound on combinations of counts, layouts and GPUs that are looked at.</summary>
    internal const long MaxWork = 20_000_000;

    /// <summary>Memory slices that are taken on every GPU.</summary>
    public ushort CertainlyTaken => Layouts.Count == 0 ? (ushort)0 : Layouts.Aggregate(ushort.MaxValue, (mask, layout) => (ushort)(mask & layout.Mask));

    /// <summary>Memory slices that may be taken on some GPU; all of them when nothing is known.</summary>
    public ushort PossiblyTaken => Layouts.Count == 0 ? ushort.MaxValue : Layouts.Aggregate((ushort)0, (mask, layout) => (ushort)(mask | layout.Mask));

    /// <summary>Concludes from counts.</summary>
    /// <param name="geometry">The GPUs, all of one kind.</param>
    /// <param name="gpus">How many of them are in MIG mode: all, less the whole GPUs the node advertises.</param>
    /// <param name="devices">Devices by the profile of their resource name; of capacity, so that unhealthy ones are counted.</param>
    /// <param name="pluginBefore020">Whether names without suffix may cover variants with one (<see cref="MigGeometry.Candidates"/>).</param>
    public static MigInference FromCounts(
        MigGeometry geometry, int gpus, IReadOnlyDictionary<MigProfile, long> devices, bool pluginBefore020)
    {
        var totals = new long[geometry.Grid.Shapes.Count];
        var media = 0L;
        foreach (var (profile, count) in devices)
        {
            if (count <= 0) continue;
            // Variants of a name share a shape, so which of them it is does not matter here.
            var index = geometry.Candidates(profile, pluginBefore020).DefaultIfEmpty(-1).First();
            if (index < 0) return Nothing(MigInferenceStatus.Impossible, $"{geometry} has no profile {profile}");
            var shape = geometry.Profiles[index].Shape;
            if (shape < 0) return Nothing(MigInferenceStatus.Unknown, $"the placements of {profile} on {geometry} are not known");
            totals[shape] += count;
            if (geometry.Profiles[index].Profile.TakesMedia) media += count;
        }

        if (media > gpus) return Nothing(MigInferenceStatus.Impossible, $"{media} devices with media engines do not fit on {gpus} GPUs");
        if (gpus <= 0)
        {
            return totals.Sum() == 0 ? Nothing(MigInferenceStatus.Unknown, "no GPU is in MIG mode")
                : Nothing(MigInferenceStatus.Impossible, "there are MIG devices but no GPU in MIG mode");
        }

        return Search(geometry.Grid, gpus, totals);
    }

    private static MigInference Search(MigGrid grid, int gpus, long[] totals)
    {
        var layouts = MigLayout.All(grid).Select(layout => (Layout: layout, Counts: CountsOf(layout, totals.Length)))
            .Where(pair => pair.Counts.Zip(totals, (count, total) => count <= total).All(fits => fits)).ToArray();
        var vectors = layouts.Select(pair => pair.Counts).DistinctBy(counts => string.Join(',', counts)).ToArray();
        var states = totals.Aggregate(1.0, (product, total) => product * (total + 1));
        if (states * vectors.Length * gpus > MaxWork) return Nothing(MigInferenceStatus.Unknown, "there are too many combinations of layouts to search");

        // reached: the counts that all GPUs but one can have together.
        var reached = new HashSet<long> { 0 };
        for (var gpu = 1; gpu < gpus; gpu++)
        {
            var next = new HashSet<long>();
            foreach (var state in reached)
            {
                foreach (var counts in vectors)
                {
                    if (TryAdd(state, counts, totals, out var sum)) next.Add(sum);
                }
            }

            reached = next;
        }

        var all = Encode(totals, totals);
        var possible = layouts.Where(pair => reached.Contains(all - Encode(pair.Counts, totals))).Select(pair => pair.Layout).ToArray();
        return possible.Length switch
        {
            0 => Nothing(MigInferenceStatus.Impossible, $"no layouts of {gpus} GPUs give these device counts"),
            1 => new MigInference(MigInferenceStatus.Certain, possible, ""),
            _ => new MigInference(MigInferenceStatus.Ambiguous, possible, ""),
        };
    }

    private static MigInference Nothing(MigInferenceStatus status, string reason) => new(status, [], reason);

    private static long[] CountsOf(MigLayout layout, int shapes)
    {
        var counts = new long[shapes];
        foreach (var (shape, _) in layout.Instances) counts[shape]++;
        return counts;
    }

    /// <summary>Counts as one number: digit i has base totals[i] + 1.</summary>
    private static long Encode(long[] counts, long[] totals)
    {
        var code = 0L;
        for (var shape = totals.Length - 1; shape >= 0; shape--) code = (code * (totals[shape] + 1)) + counts[shape];
        return code;
    }

    private static bool TryAdd(long state, long[] counts, long[] totals, out long sum)
    {
        sum = state + Encode(counts, totals);
        foreach (var (count, total) in counts.Zip(totals))
        {
            if ((state % (total + 1)) + count > total) return false;
            state /= total + 1;
        }

        return true;
    }
}
