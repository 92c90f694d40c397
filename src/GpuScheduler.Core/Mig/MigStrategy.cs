using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Scoring.Lanes;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Mig;

/// <summary>
/// Scores nodes for pods that ask for MIG instances, by what the cluster loses:
/// <code>score = - places lost - 1/20 x part of the node taken x worth of what stays beside the pod</code>
/// Places are priced as <see cref="MigPrices"/> says. Where instances are made as pods need them, the best start on the best GPU counts
/// (<see cref="MigValues"/>), so a 1g never goes where it takes the last 3g or 7g while there is another place. Fixed instances cost the same
/// wherever they are; of them the node wins whose pod takes least of the CPU and memory that large slices, whole GPUs and rare profiles need
/// (<see cref="MigStaticSlices"/>). Never changes; safe for concurrent use.
/// </summary>
public sealed class MigStrategy : IScoringStrategy
{
    /// <summary>
    /// Weight of what stays beside the pod. Small, because a slice beside the pod is only in danger of being out of reach, while a lost place is
    /// lost; great enough to tell nodes apart where places do not.
    /// </summary>
    private const float BesideWeight = 1f / 20;

    private const float MiBPerGiB = 1024;

    // Made when first asked for: prices change with the pods that come, of which often none asks for MIG.
    private readonly ConcurrentDictionary<MigGeometry, MigValues> _values = new(concurrencyLevel: 1, capacity: 4);
    private readonly MigCatalog _catalog;
    private readonly LaneWidth _width;

    /// <summary>Scores by these prices.</summary>
    /// <param name="catalog">The geometries.</param>
    /// <param name="prices">What places are worth.</param>
    /// <param name="width">Lanes of the kernel; null for the best.</param>
    public MigStrategy(MigCatalog catalog, MigPriceList prices, LaneWidth? width = null)
    {
        (_catalog, Prices) = (catalog, prices);
        _width = width ?? ScoringWidth.Best;
    }

    /// <inheritdoc/>
    public string Name => "RemainingMig";

    /// <summary>What places are worth.</summary>
    public MigPriceList Prices { get; }

    /// <summary>The values by which GPU and start are chosen; those of a geometry that is not in the catalog are neutral.</summary>
    public MigValues ValuesOf(MigGeometry geometry) => _values.TryGetValue(geometry, out var known) ? known : MakeValues(geometry);

    /// <inheritdoc/>
    public void Score(NodePage page, in ScoringRequest request, Span<float> scores)
    {
        Span<PricedSlot> slots = stackalloc PricedSlot[request.OtherGpuSlots.Length];
        var kernel = new FixedKernel(page, request.Shape, Slots(page, request, slots), (float)Prices.WholePerGiB, Consumption(request.Shape));
        PageDriver.Run(_width, in kernel, scores);
        if (request.Shape.Mig.IsEmpty) return;
        var dynamic = page.MigGpus;
        for (var row = 0; row < NodePage.RowCount; row++)
        {
            if (dynamic[row] != 0) scores[row] = ScoreDynamic(kernel, page, row, request).Score;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        Span<PricedSlot> slots = stackalloc PricedSlot[request.OtherGpuSlots.Length];
        var kernel = new FixedKernel(page, request.Shape, Slots(page, request, slots), (float)Prices.WholePerGiB, Consumption(request.Shape));
        var terms = page.MigGpus[rowInPage] != 0 && !request.Shape.Mig.IsEmpty ? ScoreDynamic(kernel, page, rowInPage, request)
            : new Terms(Consumption(request.Shape), kernel.Beside<Lanes1>(rowInPage).Value, kernel.Part<Lanes1>(rowInPage).Value);
        return
        [
            new("places lost", -terms.Lost, page.MigGpus[rowInPage] == 0 ? "devices of a fixed layout" : "by the best start on the best GPU"),
            new("what stays beside", -BesideWeight * (terms.Part * terms.Beside), string.Create(CultureInfo.InvariantCulture, $"worth {terms.Beside:0.###}, beside a pod that takes {terms.Part:0.0 %} of the node")),
        ];
    }

    private MigValues MakeValues(MigGeometry geometry) => _catalog.Geometries.Contains(geometry)
        ? _values.GetOrAdd(geometry, static (geometry, prices) => new MigValues(geometry, prices.Of(geometry)), Prices)
        : geometry.NeutralValues;

    private float Consumption(PodShape shape)
    {
        var sum = 0.0;
        foreach (var request in shape.Mig) sum += Prices[request.Profile] * request.Count;
        return (float)sum;
    }

    /// <summary>The MIG resources that some node of the page offers, with their prices.</summary>
    private ReadOnlySpan<PricedSlot> Slots(NodePage page, in ScoringRequest request, Span<PricedSlot> slots)
    {
        var count = 0;
        foreach (var slot in request.OtherGpuSlots)
        {
            if ((uint)slot >= (uint)page.AllocatableColumns.Length || page.AllocatableColumns[slot] is null) continue;
            var name = request.Tables.Resources.Names[slot];
            if (!name.StartsWith(GpuResourceCatalog.MigPrefix, StringComparison.Ordinal)) continue;
            var wanted = 0;
            foreach (var asked in request.Shape.Mig) wanted += asked.Resource == name ? asked.Count : 0;
            if (Prices.OfResource(name) is > 0 and var price) slots[count++] = new PricedSlot(slot, (float)price, wanted);
        }

        return slots[..count];
    }

    private Terms ScoreDynamic(in FixedKernel kernel, NodePage page, int row, in ScoringRequest request)
    {
        var geometry = request.Tables.MigGeometries[page.MigGeometryId[row] - 1];
        var values = ValuesOf(geometry);
        Span<MigOccupancy> gpus = stackalloc MigOccupancy[NodePage.MaxDevices];
        gpus = gpus[..MigRoom.Read(page, row, gpus)];
        double left = 0, lost = 0;
        foreach (var gpu in gpus) left += values.Of(gpu);
        foreach (var asked in request.Shape.Mig)
        {
            var profile = geometry.IndexOf(asked.Profile);
            for (var i = 0; i < asked.Count && profile >= 0; i++)
            {
                var best = -1;
                var start = MigStart.None;
                for (var gpu = 0; gpu < gpus.Length; gpu++)
                {
                    if (values.Best(gpus[gpu], profile) is { Fits: true } found && found.Delta > start.Delta) (best, start) = (gpu, found);
                }

                if (best < 0) break;
                gpus[best] = geometry.Place(gpus[best], profile, start.Start);
                lost -= start.Delta;
            }
        }

        var whole = kernel.Whole<Lanes1>(row).Value;
        return new Terms((float)lost, (float)(left - lost) + whole, kernel.Part<Lanes1>(row).Value);
    }

    /// <summary>A MIG resource, what a device of it is worth, and how many of them the pod takes.</summary>
    private readonly record struct PricedSlot(int Slot, float Price, int Wanted);

    private readonly record struct Terms(float Lost, float Beside, float Part)
    {
        public float Score => -(Lost + (BesideWeight * (Part * Beside)));
    }

    private readonly ref struct FixedKernel(NodePage page, PodShape shape, ReadOnlySpan<PricedSlot> slots, float wholePerGiB, float consumption) : IPageKernel
    {
        private readonly ReadOnlySpan<PricedSlot> _slots = slots;
        private readonly ReadOnlySpan<int> _cpu = page.Allocatable(ResourceTable.Cpu);
        private readonly ReadOnlySpan<int> _memory = page.Allocatable(ResourceTable.Memory);
        private readonly ReadOnlySpan<int> _pods = page.Allocatable(ResourceTable.Pods);
        private readonly ReadOnlySpan<int> _whole = page.GpuWholeFree;
        private readonly ReadOnlySpan<int> _gpuMemory = page.GpuMemoryMiB;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Score<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.Create(0) - (TLanes.Create(consumption) + (TLanes.Create(BesideWeight) * (Part<TLanes>(row) * Beside<TLanes>(row))));

        /// <summary>The part of the node that the pod takes: the greatest of CPU, memory and places for pods, 0..1.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Part<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes>
        {
            var one = TLanes.Create(1);
            var part = one / TLanes.Max(TLanes.Load(_pods, row), one);
            part = TLanes.Max(part, TLanes.Create(shape.CpuMilli) / TLanes.Max(TLanes.Load(_cpu, row), one));
            part = TLanes.Max(part, TLanes.Create(shape.MemoryMiB) / TLanes.Max(TLanes.Load(_memory, row), one));
            return TLanes.Min(part, one);
        }

        /// <summary>Worth of the devices and whole GPUs that are left free beside the pod.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Beside<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes>
        {
            var zero = TLanes.Create(0);
            var worth = Whole<TLanes>(row);
            foreach (ref readonly var slot in _slots)
            {
                var left = TLanes.Load(page.Free(slot.Slot), row) - TLanes.Create(slot.Wanted);
                worth += TLanes.Max(left, zero) * TLanes.Create(slot.Price);
            }

            return worth;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Whole<TLanes>(int row)
            where TLanes : struct, ILanes<TLanes> =>
            TLanes.Load(_whole, row) * (TLanes.Load(_gpuMemory, row) / TLanes.Create(MiBPerGiB)) * TLanes.Create(wholePerGiB);
    }
}
