using System.Runtime.Intrinsics;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Places for pods of several GPUs, counted as nodes and pods would use them up: of up to eight kinds (number of GPUs, CPU, memory, other priced resources, models),
/// how many more fit on a node, and what destroying one place costs while the kind runs out of places. Lane i of every vector is kind i.
/// </summary>
internal sealed class Reservations
{
    /// <summary>Kinds at most: one vector.</summary>
    public const int MaxKinds = 8;

    // An exact multiple must not be rounded down by the reciprocal.
    private const float Slack = 1e-3f;

    private readonly Kind[] _kinds;
    private readonly Vector256<float> _perGpu;
    private readonly Vector256<float> _perCpu;
    private readonly Vector256<float> _perMemory;
    private readonly Vector256<float>[] _perExtra;
    private readonly Vector256<float>[] _accepts;
    private readonly ShadowPrices _prices;

    private Reservations(Kind[] kinds, StringTable models, ShadowPrices prices, Vector256<float> costs)
    {
        _kinds = kinds;
        _prices = prices;
        Costs = costs;
        _perGpu = Lanes(kind => 1f / kind.Gpus);
        _perCpu = Lanes(kind => 1f / Math.Max(1, kind.CpuMilli));
        _perMemory = Lanes(kind => 1f / Math.Max(1, kind.MemoryMiB));
        _perExtra = [.. prices.Extras.Select((_, i) => Lanes(kind => kind.Extras[i] > 0 ? 1f / kind.Extras[i] : float.PositiveInfinity))];
        _accepts = new Vector256<float>[models.Count];
        for (var model = 0; model < models.Count; model++)
        {
            _accepts[model] = Lanes(kind => kind.Models?.Accepts(models[model]) ?? true ? 1 : 0);
        }
    }

    private Reservations(Reservations other, Vector256<float> costs)
    {
        (_kinds, _prices, _perGpu, _perCpu, _perMemory) = (other._kinds, other._prices, other._perGpu, other._perCpu, other._perMemory);
        (_perExtra, _accepts) = (other._perExtra, other._accepts);
        Costs = costs;
    }

    /// <summary>What destroying one place costs, by kind, in thousandths of a GPU.</summary>
    public Vector256<float> Costs { get; }

    /// <summary>Whether any place is reserved at all.</summary>
    public bool IsActive => Costs != Vector256<float>.Zero;

    /// <summary>Reservations for the kinds in a workload; nothing reserved yet.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="models">The models of the cluster.</param>
    /// <param name="prices">Says which resources besides CPU and memory are looked at.</param>
    public static Reservations Of(WorkloadMix workload, StringTable models, ShadowPrices prices)
    {
        var kinds = new Dictionary<(int, int, ModelSelector?, string), Kind>();
        foreach (var (shape, share) in workload.Shares)
        {
            if (!shape.Gpu.IsWhole || shape.Gpu.Count < 2) continue;
            // CPU in steps of a quarter: 64 and 64.2 cores are one kind.
            var step = shape.CpuMilli <= 0 ? 0 : (int)Math.Round(Math.Log(shape.CpuMilli) / Math.Log(1.25));
            int[] extras = [.. prices.Extras.Select(extra => extra.AmountOf(shape))];
            var key = (shape.Gpu.Count, step, shape.Models, string.Join(' ', extras));
            var kind = kinds.GetValueOrDefault(key, new Kind(shape.Gpu.Count, 0, 0, extras, shape.Models, 0));
            kinds[key] = kind with
            {
                Share = kind.Share + share,
                CpuMilli = Math.Max(kind.CpuMilli, shape.CpuMilli),
                MemoryMiB = Math.Max(kind.MemoryMiB, shape.MemoryMiB),
            };
        }

        return new Reservations(
            [.. kinds.Values.OrderByDescending(kind => kind.Share * kind.Gpus).ThenBy(kind => (kind.Gpus, kind.CpuMilli, kind.MemoryMiB))
                .ThenBy(kind => kind.Models?.ToString() ?? "", StringComparer.Ordinal).ThenBy(kind => string.Join(' ', kind.Extras), StringComparer.Ordinal)
                .Take(MaxKinds)],
            models, prices, Vector256<float>.Zero);
    }

    /// <summary>How many more pods of each kind a node with these amounts left can take.</summary>
    /// <param name="wholeFree">Free GPUs.</param>
    /// <param name="cpuFreeMilli">Free CPU.</param>
    /// <param name="memoryFreeMiB">Free memory.</param>
    /// <param name="modelId">The GPUs' model.</param>
    /// <param name="extrasFree">Free amounts of the other priced resources.</param>
    public Vector256<float> Places(int wholeFree, int cpuFreeMilli, int memoryFreeMiB, int modelId, ReadOnlySpan<int> extrasFree = default)
    {
        var fit = Vector256.Min(
            Vector256.Create((float)wholeFree) * _perGpu,
            Vector256.Min(Vector256.Create((float)Math.Max(0, cpuFreeMilli)) * _perCpu, Vector256.Create((float)Math.Max(0, memoryFreeMiB)) * _perMemory));
        for (var i = 0; i < extrasFree.Length; i++)
        {
            // A kind that takes none of it is not limited by it, not even where there is none: 0 · infinity must not decide.
            var limit = Vector256.Create((float)Math.Max(0, extrasFree[i])) * _perExtra[i];
            fit = Vector256.ConditionalSelect(Vector256.LessThan(limit, fit), limit, fit);
        }

        var places = Vector256.Floor(fit + Vector256.Create(Slack));
        return modelId < _accepts.Length ? places * _accepts[modelId] : places;
    }

    /// <summary>
    /// Reserves according to how full the cluster is: from the share of pods still to come per place left. The pods still to come are those
    /// that arrive until the free GPUs are used up at the workload's mean demand.
    /// </summary>
    public Reservations Refresh(ClusterSnapshot cluster, WorkloadMix workload, ResidualValueOptions options)
    {
        if (_kinds.Length == 0 || workload.MeanGpuMilli <= 0) return this;
        var places = Vector256<float>.Zero;
        double free = 0;
        Span<int> extras = stackalloc int[_prices.Extras.Length];
        foreach (var page in cluster.Pages)
        {
            var whole = page.GpuWholeFree;
            var milli = page.GpuFreeMilli;
            var cpu = page.Free(ResourceTable.Cpu);
            var memory = page.Free(ResourceTable.Memory);
            var model = page.ModelId;
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                free += milli[row];
                if (whole[row] == 0) continue;
                for (var i = 0; i < extras.Length; i++) extras[i] = page.Free(_prices.Extras[i].Slot)[row];
                places += Places(whole[row], cpu[row], memory[row], model[row], extras);
            }
        }

        var toCome = free / workload.MeanGpuMilli;
        Span<float> costs = stackalloc float[MaxKinds];
        for (var i = 0; i < _kinds.Length; i++)
        {
            // As many as may well come, not as come on average: of few pods, chance can bring twice as many.
            var expected = _kinds[i].Share * toCome;
            var ratio = (expected + (options.ReservationDeviations * Math.Sqrt(expected))) / Math.Max(places[i], 1e-3);
            var scarcity = Math.Clamp((ratio - options.ReservationFrom) / options.ReservationSpan, 0, 1);
            // In steps, so that kept scores need not be thrown away for every small change.
            costs[i] = (float)(options.ReservationMilli * _kinds[i].Gpus * Math.Round(scarcity * 16) / 16);
        }

        var refreshed = Vector256.Create(costs);
        return refreshed == Costs ? this : new Reservations(this, refreshed);
    }

    private Vector256<float> Lanes(Func<Kind, float> value)
    {
        Span<float> lanes = stackalloc float[MaxKinds];
        for (var i = 0; i < _kinds.Length; i++) lanes[i] = value(_kinds[i]);
        return Vector256.Create(lanes);
    }

    private sealed record Kind(int Gpus, int CpuMilli, int MemoryMiB, int[] Extras, ModelSelector? Models, double Share);
}
