using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// What placing a pod is worth, in thousandths of a GPU: its GPUs when they are whole; a share's thousandths mixed with its effective size
/// (<see cref="EffectiveSizes"/>) under the workload.
/// </summary>
internal sealed class Worth
{
    private readonly Dictionary<int, double> _effective = [];
    private readonly double _sizeWeight;

    public Worth(WorkloadMix workload, double sizeWeight)
    {
        _sizeWeight = sizeWeight;
        var demand = new SortedDictionary<int, double>();
        foreach (var (shape, share) in workload.Shares)
        {
            if (!shape.Gpu.IsShare) continue;
            var units = UnitsOf(shape.Gpu.MilliPerGpu);
            demand[units] = demand.GetValueOrDefault(units) + share;
        }

        var sizes = demand.Keys.ToArray();
        var effective = EffectiveSizes.Solve(sizes, demand.Values.ToArray(), ResidualValueTables.Units);
        for (var i = 0; i < sizes.Length; i++) _effective.Add(sizes[i], effective[i]);
    }

    public static int UnitsOf(int milli) => (milli + ResidualValueTables.MilliPerUnit - 1) / ResidualValueTables.MilliPerUnit;

    public double Of(GpuDemand demand) => demand.IsShare
        ? ((1 - _sizeWeight) * demand.MilliPerGpu) + (_sizeWeight * GpuDemand.WholeMilli * _effective[UnitsOf(demand.MilliPerGpu)])
        : demand.TotalMilli;
}
