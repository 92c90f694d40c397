using System.Runtime.CompilerServices;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring.Lanes;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>
/// The default: fills GPUs before it opens new ones, and keeps pods without GPUs away from them.
/// <list type="bullet">
/// <item>A pod with GPUs: 4096 × the mean utilisation of the GPU resources it asks for, with this pod.</item>
/// <item>A pod without: 8192 on a node without GPUs, otherwise 4096 / (1 + free GPUs), where thousandths of devices add up and every other
/// GPU resource (replicas, MIG slices, shared memory) counts by its free share, as one GPU at most.</item>
/// <item>Both: 0..1 for the mean utilisation of CPU and memory with this pod. It decides between nodes whose GPUs are used alike: two different
/// utilisations of up to 64 whole GPUs or slices differ by more than 1/4096.</item>
/// </list>
/// </summary>
public sealed class PackGpus(LaneWidth? width = null) : IScoringStrategy
{
    private const float GpuPoints = 4096;
    internal const float NoGpuPoints = 2 * GpuPoints;
    private static readonly ResourceWeights CpuAndMemory = new(1, 1, 0);
    private static readonly ResourceWeights GpusOnly = new(0, 0, 1);

    private readonly LaneWidth _width = width ?? ScoringWidth.Best;

    /// <inheritdoc/>
    public string Name => nameof(PackGpus);

    /// <inheritdoc/>
    public void Score(NodePage page, in ScoringRequest request, Span<float> scores)
    {
        var fine = new ResourceTerms(page, in request, CpuAndMemory);
        if (request.Shape.UsesGpu)
        {
            var gpus = new ResourceTerms(page, in request, GpusOnly);
            PageDriver.Run(_width, new FillKernel(gpus.Span, fine.Span), scores);
        }
        else
        {
            var slots = OfferedSlots(page, request.OtherGpuSlots, stackalloc int[request.OtherGpuSlots.Length]);
            var whole = OfferedSlots(page, request.WholeGpuSlots, stackalloc int[request.WholeGpuSlots.Length]);
            PageDriver.Run(_width, new AvoidKernel(page, slots, whole, fine.Span), scores);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var fine = new ResourceTerms(page, in request, CpuAndMemory);
        var terms = new List<ScoreTerm>();
        if (request.Shape.UsesGpu)
        {
            var gpus = new ResourceTerms(page, in request, GpusOnly);
            Describe(terms, gpus.Span, GpuPoints, rowInPage);
        }
        else
        {
            var slots = OfferedSlots(page, request.OtherGpuSlots, stackalloc int[request.OtherGpuSlots.Length]);
            var whole = OfferedSlots(page, request.WholeGpuSlots, stackalloc int[request.WholeGpuSlots.Length]);
            var (points, free) = new AvoidKernel(page, slots, whole, fine.Span).Avoid<Lanes1>(rowInPage);
            terms.Add(new("gpu-less", points.Value, points.Value == NoGpuPoints ? "a node without GPUs" : $"{free.Value:0.###} free GPUs"));
        }

        Describe(terms, fine.Span, 1, rowInPage);
        return terms;
    }

    private static void Describe(List<ScoreTerm> terms, ReadOnlySpan<ResourceTerm> resources, float full, int row)
    {
        var offered = 0f;
        foreach (ref readonly var resource in resources)
        {
            resource.Utilization<Lanes1>(row, out var weight);
            offered += weight.Value;
        }

        foreach (ref readonly var resource in resources)
        {
            var utilization = resource.Utilization<Lanes1>(row, out var weight);
            if (weight.Value > 0) terms.Add(new(resource.Name, utilization.Value * full / offered, resource.Describe(row)));
        }
    }

    private static ReadOnlySpan<int> OfferedSlots(NodePage page, ReadOnlySpan<int> slots, Span<int> offered)
    {
        var count = 0;
        foreach (var slot in slots)
        {
            if ((uint)slot < (uint)page.AllocatableColumns.Length && page.AllocatableColumns[slot] is not null) offered[count++] = slot;
        }

        return offered[..count];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Mean<TLanes>(ReadOnlySpan<ResourceTerm> terms, int row)
        where TLanes : struct, ILanes<TLanes>
    {
        var zero = TLanes.Create(0);
        var sum = zero;
        var weights = zero;
        foreach (ref readonly var term in terms)
        {
            sum += term.Utilization<TLanes>(row, out var weight) * weight;
            weights += weight;
        }

        return TLanes.IfGreater(weights, zero, sum / weights, zero);
    }

    private readonly ref struct FillKernel(ReadOnlySpan<ResourceTerm> gpus, ReadOnlySpan<ResourceTerm> fine) : IPageKernel
    {
        private readonly ReadOnlySpan<ResourceTerm> _gpus = gpus;
        private readonly ReadOnlySpan<ResourceTerm> _fine = fine;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Score<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes> => Mean<TLanes>(_gpus, row) * TLanes.Create(GpuPoints) + Mean<TLanes>(_fine, row);
    }

    private readonly ref struct AvoidKernel(
        NodePage page, ReadOnlySpan<int> slots, ReadOnlySpan<int> whole, ReadOnlySpan<ResourceTerm> fine) : IPageKernel
    {
        private readonly ReadOnlySpan<int> _gpuCount = page.GpuCount;
        private readonly ReadOnlySpan<int> _gpuFreeMilli = page.GpuFreeMilli;
        private readonly ReadOnlySpan<int> _slots = slots;
        private readonly ReadOnlySpan<int> _whole = whole;
        private readonly ReadOnlySpan<ResourceTerm> _fine = fine;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Score<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes> => Avoid<TLanes>(row).Points + Mean<TLanes>(_fine, row);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public (TLanes Points, TLanes FreeGpus) Avoid<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes>
        {
            var zero = TLanes.Create(0);
            var one = TLanes.Create(1);
            var offered = TLanes.Load(_gpuCount, row);
            var free = TLanes.Load(_gpuFreeMilli, row) / TLanes.Create(GpuDemand.WholeMilli);
            foreach (var slot in _slots)
            {
                var allocatable = TLanes.Load(page.Allocatable(slot), row);
                offered += allocatable;
                free += TLanes.Max(TLanes.Load(page.Free(slot), row), zero) / TLanes.Max(allocatable, one);
            }

            // Replicas and single-strategy slices go by the whole GPU's name, on rows where no devices are told apart.
            var devices = TLanes.Load(_gpuCount, row);
            foreach (var slot in _whole)
            {
                var allocatable = TLanes.IfGreater(devices, zero, zero, TLanes.Load(page.Allocatable(slot), row));
                offered += allocatable;
                free += TLanes.IfGreater(allocatable, zero, TLanes.Max(TLanes.Load(page.Free(slot), row), zero) / TLanes.Max(allocatable, one), zero);
            }

            var points = TLanes.Create(GpuPoints) / (one + free);
            return (TLanes.IfGreater(offered, zero, points, TLanes.Create(NoGpuPoints)), free);
        }
    }
}
