using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// Residual value with shadow prices: the node that loses least of what its free room is worth to the pods still to come.
/// <code>score = V(node with pod) - V(node) - reservation - scarcity - tie - domain       in thousandths of a GPU
/// V(node) = min over prices b of  Σ U(b, free of a GPU in use) + W(b, free GPUs) + b · (what else is left)</code>
/// U and W are <see cref="ResidualValueTables"/>, b <see cref="ShadowPrices"/>, the other terms <see cref="Reservations"/>,
/// <see cref="ModelScarcity"/>, a little for every free GPU of the node, and a little for how open its topology domains are
/// (<see cref="NodePage.DomainOpenness"/>; nothing where nodes have no topology). Our own; not published. Against published policies on a
/// production trace see the replay's README.
/// </summary>
public sealed class ResidualValueStrategy : PackingStrategy
{
    /// <summary>The name it is configured by.</summary>
    public const string PolicyName = "ResidualValue";

    private readonly ResidualValueTables _tables;
    private readonly Reservations _reservations;
    private readonly ModelScarcity _scarcity;
    private readonly float _tie;
    private readonly float _domain;

    internal ResidualValueStrategy(
        ResidualValueOptions options, WorkloadMix workload, ResidualValueTables tables, Reservations reservations, ModelScarcity scarcity)
    {
        Options = options;
        Workload = workload;
        _tables = tables;
        _reservations = reservations;
        _scarcity = scarcity;
        _tie = (float)(
            (options.TieMilli + (options.DepartureTieMilli * workload.DeparturesPerArrival * Math.Min(1, workload.SeveralGpuShare / options.SeveralGpuShare)))
            / GpuDemand.WholeMilli);
        _domain = (float)(options.DomainMilli / DomainOpenness.Whole);
    }

    /// <inheritdoc/>
    public override string Name => PolicyName;

    /// <summary>The constants it was built with.</summary>
    public ResidualValueOptions Options { get; }

    /// <summary>The workload it was built for.</summary>
    public WorkloadMix Workload { get; }

    /// <inheritdoc/>
    public override void ScoreRows(NodePage page, in ScoringRequest request, ReadOnlySpan<ulong> rows, Span<float> scores)
    {
        if (_tables.Prices.Count == EightPrices.Count) ScoreRows<EightPrices>(page, request.Shape, rows, scores);
        else ScoreRows<SixteenPrices>(page, request.Shape, rows, scores);
    }

    /// <inheritdoc/>
    public override float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request) => EvaluateRow(page, rowInPage, request.Shape).Score;

    /// <inheritdoc/>
    public override uint ChooseDevices(NodePage page, int rowInPage, PodShape shape)
    {
        if (!shape.Gpu.IsShare) return base.ChooseDevices(page, rowInPage, shape);
        var device = EvaluateRow(page, rowInPage, shape).Device;
        return device < 0 ? 0 : 1u << device;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var terms = EvaluateRow(page, rowInPage, request.Shape);
        return
        [
            new ScoreTerm("value of the room left", terms.After, $"valued where {_tables.Prices.NameOf(terms.AfterLane)} is priced"
                + (terms.Device >= 0 ? $", on device {terms.Device}" : "")),
            new ScoreTerm("value of the room now", -terms.Before, $"valued where {_tables.Prices.NameOf(terms.BeforeLane)} is priced"),
            new ScoreTerm("reservation", -terms.Reservation, "places for pods of several GPUs that this one destroys"),
            new ScoreTerm("scarcity", -terms.Scarcity, "taking GPUs of a model that others must have"),
            new ScoreTerm("tie", -terms.Tie, "free GPUs of the node: the fuller of equal nodes"),
            new ScoreTerm("domain", -terms.Domain, "how much of the node's topology domains is still free: whole ones are kept for gangs"),
        ];
    }

    internal ResidualValueStrategy Refresh(ClusterSnapshot cluster)
    {
        var reservations = _reservations.Refresh(cluster, Workload, Options);
        var scarcity = _scarcity.Refresh(cluster, Options);
        return ReferenceEquals(reservations, _reservations) && ReferenceEquals(scarcity, _scarcity) ? this
            : new ResidualValueStrategy(Options, Workload, _tables, reservations, scarcity);
    }

    private void ScoreRows<TLanes>(NodePage page, PodShape shape, ReadOnlySpan<ulong> rows, Span<float> scores)
        where TLanes : struct, IPriceLanes<TLanes>
    {
        var columns = new Columns(page, shape, _tables.Prices, stackalloc int[ShadowPrices.MaxExtras]);
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            for (var rest = rows[word]; rest != 0; rest &= rest - 1)
            {
                var row = (word * 64) + BitOperations.TrailingZeroCount(rest);
                scores[row] = Evaluate<TLanes>(columns, row, shape, namesLanes: false).Score;
            }
        }
    }

    private RowTerms EvaluateRow(NodePage page, int row, PodShape shape)
    {
        var columns = new Columns(page, shape, _tables.Prices, stackalloc int[ShadowPrices.MaxExtras]);
        return _tables.Prices.Count == EightPrices.Count ? Evaluate<EightPrices>(columns, row, shape, namesLanes: true)
            : Evaluate<SixteenPrices>(columns, row, shape, namesLanes: true);
    }

    /// <summary>The terms of a row's score; the lanes that bind only when asked for, because nothing but an explanation needs them.</summary>
    private RowTerms Evaluate<TLanes>(in Columns columns, int row, PodShape shape, bool namesLanes)
        where TLanes : struct, IPriceLanes<TLanes>
    {
        var demand = shape.Gpu;
        var free = columns.Page.DeviceFreeMilli(row);
        var wholeFree = columns.WholeFree[row];
        var cpu = Math.Max(0, columns.Cpu[row]);
        var memory = Math.Max(0, columns.Memory[row]);
        var model = columns.Model[row];
        var prices = _tables.Prices;
        var number = _tables.ClassOf(model);
        ref var shared = ref Unsafe.Add(ref MemoryMarshal.GetReference(_tables.Shared), number * ResidualValueTables.SharedRooms * TLanes.Count);
        ref var whole = ref Unsafe.Add(ref MemoryMarshal.GetReference(_tables.Whole), number * ResidualValueTables.WholeRooms * TLanes.Count);
        var cpuPrice = TLanes.At(ref MemoryMarshal.GetArrayDataReference(prices.Cpu), 0);
        var memoryPrice = TLanes.At(ref MemoryMarshal.GetArrayDataReference(prices.Memory), 0);

        var before = TLanes.At(ref whole, wholeFree) + (cpuPrice * cpu) + (memoryPrice * memory);
        if (columns.FreeMilli[row] != wholeFree * GpuDemand.WholeMilli)
        {
            foreach (var milli in free)
            {
                if (milli is > 0 and < GpuDemand.WholeMilli) before += TLanes.At(ref shared, milli / ResidualValueTables.MilliPerUnit);
            }
        }

        var rest = before - (cpuPrice * shape.CpuMilli) - (memoryPrice * shape.MemoryMiB);
        if (typeof(TLanes) == typeof(SixteenPrices))
        {
            for (var i = 0; i < prices.Extras.Length; i++)
            {
                var price = TLanes.At(ref MemoryMarshal.GetArrayDataReference(prices.Extras[i].Prices), 0);
                var left = price * Math.Max(0, columns.ExtraOf(i)[row]);
                before += left;
                rest += left - (price * columns.ExtraAmounts[i]);
            }
        }

        var wholeAfter = wholeFree;
        var asked = demand.TotalMilli;
        var device = -1;
        float after;
        if (demand.IsShare)
        {
            after = PlaceShare(free, wholeFree, demand.MilliPerGpu, rest, ref shared, ref whole, out device);
            if (device >= 0)
            {
                if (namesLanes) rest = WithShare(rest, free[device], demand.MilliPerGpu, wholeFree, ref shared, ref whole);
                if (free[device] == GpuDemand.WholeMilli) wholeAfter--;
            }
        }
        else if (demand.IsMemoryShare)
        {
            rest = PlaceByMemory(columns.Page, row, demand, rest, ref shared, ref whole, ref wholeAfter, out asked);
            after = rest.Least();
        }
        else
        {
            // Devices that are not told apart: the room among them has no value here, only what else the node has left.
            if (free.Length > 0)
            {
                wholeAfter -= demand.Count;
                rest = wholeAfter < 0 ? TLanes.Never : rest - TLanes.At(ref whole, wholeFree) + TLanes.At(ref whole, wholeAfter);
            }

            after = rest.Least();
        }

        var reservation = 0f;
        if (_reservations.IsActive && wholeFree > 0)
        {
            var destroyed = typeof(TLanes) == typeof(SixteenPrices)
                ? PlacesDestroyed(columns, row, shape, wholeFree, Math.Max(0, wholeAfter), cpu, memory, model)
                : _reservations.Places(wholeFree, cpu, memory, model)
                    - _reservations.Places(Math.Max(0, wholeAfter), cpu - shape.CpuMilli, memory - shape.MemoryMiB, model);
            reservation = SumLanes(destroyed * _reservations.Costs);
        }

        return new RowTerms(
            before.Least(), after, reservation, _scarcity.CostOf(model) * asked, _tie * columns.FreeMilli[row],
            demand.IsNone ? 0 : _domain * columns.Openness[row], device,
            namesLanes ? before.LeastLane() : 0, namesLanes ? rest.LeastLane() : 0);
    }

    private Vector256<float> PlacesDestroyed(
        in Columns columns, int row, PodShape shape, int wholeFree, int wholeAfter, int cpu, int memory, int model)
    {
        Span<int> now = stackalloc int[ShadowPrices.MaxExtras];
        Span<int> after = stackalloc int[ShadowPrices.MaxExtras];
        var extras = columns.ExtraAmounts.Length;
        for (var i = 0; i < extras; i++)
        {
            now[i] = columns.ExtraOf(i)[row];
            after[i] = now[i] - columns.ExtraAmounts[i];
        }

        return _reservations.Places(wholeFree, cpu, memory, model, now[..extras])
            - _reservations.Places(wholeAfter, cpu - shape.CpuMilli, memory - shape.MemoryMiB, model, after[..extras]);
    }

    /// <summary>The value after the share went where least is lost: the device with the greatest least lane, the first of equals.</summary>
    private static float PlaceShare<TLanes>(
        ReadOnlySpan<ushort> free, int wholeFree, int milli, TLanes rest, ref float shared, ref float whole, out int device)
        where TLanes : struct, IPriceLanes<TLanes>
    {
        device = -1;
        var best = float.NegativeInfinity;
        var triedWhole = false;
        for (var candidate = 0; candidate < free.Length; candidate++)
        {
            var room = free[candidate];
            if (room < milli) continue;
            if (room == GpuDemand.WholeMilli)
            {
                if (triedWhole) continue;
                triedWhole = true;
            }

            var least = WithShare(rest, room, milli, wholeFree, ref shared, ref whole).Least();
            if (least > best) (best, device) = (least, candidate);
        }

        return best;
    }

    /// <summary>The value by lane after a share by memory went to the devices it fits best: what it takes of each depends on the device.</summary>
    private static TLanes PlaceByMemory<TLanes>(
        NodePage page, int row, in GpuDemand demand, TLanes rest, ref float shared, ref float whole, ref int wholeAfter, out int asked)
        where TLanes : struct, IPriceLanes<TLanes>
    {
        asked = 0;
        var wholeFree = wholeAfter;
        var devices = DeviceChoice.BestFit(page, row, demand);
        if (devices == 0) return TLanes.Never;
        for (; devices != 0; devices &= devices - 1)
        {
            var room = page.Room(row, BitOperations.TrailingZeroCount(devices));
            var milli = room.MilliOf(demand);
            asked += milli;
            rest += TLanes.At(ref shared, Math.Max(0, room.Milli - milli) / ResidualValueTables.MilliPerUnit);
            if (room.Milli == GpuDemand.WholeMilli) wholeAfter--;
            else rest -= TLanes.At(ref shared, room.Milli / ResidualValueTables.MilliPerUnit);
        }

        return rest - TLanes.At(ref whole, wholeFree) + TLanes.At(ref whole, wholeAfter);
    }

    /// <summary>The value by lane after a share went to a device with so much room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes WithShare<TLanes>(TLanes rest, int room, int milli, int wholeFree, ref float shared, ref float whole)
        where TLanes : struct, IPriceLanes<TLanes>
    {
        var value = rest + TLanes.At(ref shared, (room - milli) / ResidualValueTables.MilliPerUnit);
        return room == GpuDemand.WholeMilli ? value - TLanes.At(ref whole, wholeFree) + TLanes.At(ref whole, wholeFree - 1)
            : value - TLanes.At(ref shared, room / ResidualValueTables.MilliPerUnit);
    }

    /// <summary>Adds in a fixed order, so that the sum is the same on every machine.</summary>
    private static float SumLanes(Vector256<float> lanes)
    {
        var sum = 0f;
        for (var lane = 0; lane < Vector256<float>.Count; lane++) sum += lanes[lane];
        return sum;
    }

    /// <summary>The columns of a page and what a pod takes of the priced resources, found once for all rows.</summary>
    private readonly ref struct Columns
    {
        public readonly ReadOnlySpan<int> Cpu;
        public readonly ReadOnlySpan<int> Memory;
        public readonly ReadOnlySpan<int> Count;
        public readonly ReadOnlySpan<int> WholeFree;
        public readonly ReadOnlySpan<int> FreeMilli;
        public readonly ReadOnlySpan<int> Model;
        public readonly ReadOnlySpan<int> Openness;
        public readonly ReadOnlySpan<int> ExtraAmounts;

        public readonly NodePage Page;
        private readonly ShadowPrices.Extra[] _extras;

        public Columns(NodePage page, PodShape shape, ShadowPrices prices, Span<int> extraAmounts)
        {
            Cpu = page.Free(ResourceTable.Cpu);
            Memory = page.Free(ResourceTable.Memory);
            Count = page.GpuCount;
            WholeFree = page.GpuWholeFree;
            FreeMilli = page.GpuFreeMilli;
            Model = page.ModelId;
            Openness = page.DomainOpenness;
            Page = page;
            _extras = prices.Extras;
            for (var i = 0; i < _extras.Length; i++) extraAmounts[i] = _extras[i].AmountOf(shape);
            ExtraAmounts = extraAmounts[.._extras.Length];
        }

        public ReadOnlySpan<int> ExtraOf(int extra) => Page.Free(_extras[extra].Slot);
    }

    /// <summary>The terms of a row's score, the device for a share (-1 without), and the lanes that bind.</summary>
    private readonly record struct RowTerms(
        float Before, float After, float Reservation, float Scarcity, float Tie, float Domain, int Device, int BeforeLane, int AfterLane)
    {
        public float Score => After - Before - Reservation - Scarcity - Tie - Domain;
    }
}
