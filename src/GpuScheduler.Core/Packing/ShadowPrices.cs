using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Eight or sixteen ways to price what a pod takes besides GPUs, one per lane, in thousandths of a GPU per column unit. A node's value is the
/// least over the lanes: the Lagrangian dual of "all its pods must fit in what it has" over a few multipliers. A node with CPU to
/// spare is valued at lane 0, where CPU costs nothing; the less it has per GPU, the dearer the lane that binds. The second eight lanes price
/// resources besides CPU and memory, where they can strand GPUs (<see cref="StrandingResources"/>).
/// </summary>
internal sealed class ShadowPrices
{
    /// <summary>Lanes that are always there.</summary>
    public const int BaseCount = 8;

    /// <summary>Resources besides CPU and memory that are priced at most.</summary>
    public const int MaxExtras = 7;

    private readonly List<string> _names;

    private ShadowPrices(float[] cpu, float[] memory, Extra[] extras, List<string> names) =>
        (Cpu, Memory, Extras, _names) = (cpu, memory, extras, names);

    /// <summary>Lanes: 8, or 16 with <see cref="Extras"/>.</summary>
    public int Count => Cpu.Length;

    /// <summary>GPU thousandths per CPU thousandth, by lane.</summary>
    public float[] Cpu { get; }

    /// <summary>GPU thousandths per MiB, by lane.</summary>
    public float[] Memory { get; }

    /// <summary>Other resources with a price.</summary>
    public Extra[] Extras { get; }

    /// <summary>What a lane prices, for people.</summary>
    public string NameOf(int lane) => _names[lane];

    /// <summary>Prices relative to what the cluster's nodes have per GPU, so that they mean the same on other hardware.</summary>
    public static ShadowPrices For(ClusterSnapshot cluster, WorkloadMix workload, ResidualValueOptions options)
    {
        var slots = StrandingResources.Find(workload, cluster, options.StrandingFrom, MaxExtras);
        var lanes = Plan(slots.Length, options);
        var table = cluster.Tables.Resources;
        string[] resources = ["CPU", "memory", .. slots.Select(slot => table.Names[slot])];
        return new ShadowPrices(
            Prices(ResourceTable.Cpu, 0),
            Prices(ResourceTable.Memory, 1),
            [.. slots.Select((slot, i) => new Extra(slot, table.Names[slot], Prices(slot, 2 + i)))],
            [.. lanes.Select(Name)]);

        float[] Prices(int slot, int place)
        {
            var unit = GpuMilliPerUnit(cluster, slot);
            return [.. lanes.Select(lane => (float)(lane[place] * unit))];
        }

        string Name(double[] lane)
        {
            var priced = resources.Where((_, place) => lane[place] > 0).ToArray();
            var level = priced.Length != 1 ? "" : lane.Max() == options.LowPrice ? "little " : lane.Max() == options.HighPrice ? "mostly " : "";
            return priced.Length == 0 ? "nothing" : level + string.Join(" and ", priced);
        }
    }

    /// <summary>Lanes as prices of CPU, memory and the extras, each in GPUs per mean amount that comes with a GPU.</summary>
    private static List<double[]> Plan(int extras, ResidualValueOptions options)
    {
        var (low, middle, high) = (options.LowPrice, options.MiddlePrice, options.HighPrice);
        const int CpuPlace = 0, MemoryPlace = 1, FirstExtra = 2;
        var lanes = new List<double[]>
        {
            Lane(), Lane((CpuPlace, low)), Lane((CpuPlace, middle)), Lane((CpuPlace, high)),
            Lane((MemoryPlace, low)), Lane((MemoryPlace, middle)), Lane((MemoryPlace, high)), Lane((CpuPlace, middle), (MemoryPlace, middle)),
        };
        if (extras == 0) return lanes;

        double[] levels = extras switch { 1 or 2 => [low, middle, high], 3 => [middle, high], _ => [middle] };
        for (var extra = 0; extra < extras; extra++) lanes.AddRange(levels.Select(level => Lane((FirstExtra + extra, level))));
        lanes.Add([.. Enumerable.Repeat(middle, FirstExtra + extras)]);
        for (var extra = 0; extra < extras && lanes.Count < 2 * BaseCount; extra++) lanes.Add(Lane((FirstExtra + extra, middle), (CpuPlace, middle)));
        while (lanes.Count < 2 * BaseCount) lanes.Add(Lane());
        return lanes;

        double[] Lane(params ReadOnlySpan<(int Place, double Price)> priced)
        {
            var lane = new double[FirstExtra + extras];
            foreach (var (place, price) in priced) lane[place] = price;
            return lane;
        }
    }

    private static double GpuMilliPerUnit(ClusterSnapshot cluster, int slot)
    {
        long amount = 0, gpus = 0;
        foreach (var page in cluster.Pages)
        {
            var counts = page.GpuCount;
            var column = page.Allocatable(slot);
            for (var row = 0; row < counts.Length; row++)
            {
                if (counts[row] == 0) continue;
                gpus += counts[row];
                amount += column[row];
            }
        }

        return amount == 0 ? 0 : GpuDemand.WholeMilli * (double)gpus / amount;
    }

    /// <summary>A resource besides CPU and memory.</summary>
    /// <param name="Slot">Its slot.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="Prices">GPU thousandths per column unit, by lane.</param>
    public sealed record Extra(int Slot, string Name, float[] Prices)
    {
        /// <summary>How much of it a pod takes.</summary>
        public int AmountOf(PodShape shape)
        {
            if (Slot == ResourceTable.Pods) return 1;
            foreach (var (name, amount) in shape.Requests)
            {
                if (name == Name) return (int)amount;
            }

            return 0;
        }
    }
}
