using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// What taking a GPU of a pressed model costs per thousandth, by model: its load under the fairest spread of demand over free GPUs
/// (<see cref="ModelLoad"/>), relative to the least loaded model. All zeros when no pod cares for the model.
/// </summary>
internal sealed class ModelScarcity
{
    private readonly double[] _demand;
    private readonly bool[][] _accepts;
    private readonly float[] _costs;

    private ModelScarcity(double[] demand, bool[][] accepts, float[] costs) => (_demand, _accepts, _costs) = (demand, accepts, costs);

    /// <summary>Whether any model costs anything.</summary>
    public bool IsActive => Array.Exists(_costs, cost => cost != 0);

    public static ModelScarcity Of(WorkloadMix workload, StringTable models)
    {
        var demand = new Dictionary<string, (double Milli, bool[] Accepts)>();
        foreach (var (shape, share) in workload.Shares)
        {
            if (shape.Gpu.IsNone) continue;
            var key = shape.Models?.ToString() ?? "";
            if (!demand.TryGetValue(key, out var kind))
            {
                var accepts = new bool[models.Count];
                for (var model = 0; model < models.Count; model++) accepts[model] = shape.Models?.Accepts(models[model]) ?? true;
                kind = (0, accepts);
            }

            demand[key] = (kind.Milli + (share * shape.Gpu.TotalMilli), kind.Accepts);
        }

        var kinds = demand.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value).ToArray();
        return new ModelScarcity([.. kinds.Select(kind => kind.Milli)], [.. kinds.Select(kind => kind.Accepts)], new float[models.Count]);
    }

    /// <summary>Thousandths of a GPU per thousandth taken of a model.</summary>
    public float CostOf(int modelId) => modelId < _costs.Length ? _costs[modelId] : 0;

    public ModelScarcity Refresh(ClusterSnapshot cluster, ResidualValueOptions options)
    {
        // One kind of demand only: whatever model it asks for, no other pod competes in a way this could change.
        if (_demand.Length < 2) return this;
        var capacity = new double[_costs.Length];
        foreach (var page in cluster.Pages)
        {
            var count = page.GpuCount;
            var milli = page.GpuFreeMilli;
            var model = page.ModelId;
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                if (count[row] > 0 && model[row] < capacity.Length) capacity[model[row]] += Math.Max(1, milli[row]);
            }
        }

        var load = ModelLoad.Spread(capacity, _demand, _accepts);
        var least = double.PositiveInfinity;
        for (var model = 0; model < load.Length; model++)
        {
            if (capacity[model] > 0) least = Math.Min(least, load[model]);
        }

        var costs = new float[_costs.Length];
        for (var model = 0; model < costs.Length; model++)
        {
            if (capacity[model] <= 0) continue;
            var excess = least > 0 ? (load[model] / least) - 1 : load[model] > 0 ? options.ScarcityLimit : 0;
            costs[model] = (float)(options.ScarcityWeight * Math.Round(Math.Min(excess, options.ScarcityLimit) * 32) / 32);
        }

        return costs.AsSpan().SequenceEqual(_costs) ? this : new ModelScarcity(_demand, _accepts, costs);
    }
}
