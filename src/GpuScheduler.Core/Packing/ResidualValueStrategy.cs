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
/// <code>score = V(node with pod) - V(node) - reservation - scarcity - tie       in thousandths of a GPU
/// V(node) = min over prices b of  Σ U(b, free of a GPU in use) + W(b, free GPUs) + b · (CPU and memory left)</code>
/// U and W are <see cref="ResidualValueTables"/>, b <see cref="ShadowPrices"/>, the other terms <see cref="Reservations"/>,
/// <see cref="ModelScarcity"/> and a little for every free GPU of the node. Our own; not published. Against published policies on a
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
        var columns = new Columns(page);
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            for (var rest = rows[word]; rest != 0; rest &= rest - 1)
            {
                var row = (word * 64) + BitOperations.TrailingZeroCount(rest);
                scores[row] = Evaluate(columns, row, request.Shape, out _).Score;
            }
        }
    }

    /// <inheritdoc/>
    public override float ScoreRow(NodePage page, int rowInPage, in ScoringRequest request) =>
        Evaluate(new Columns(page), rowInPage, request.Shape, out _).Score;

    /// <inheritdoc/>
    public override uint ChooseDevices(NodePage page, int rowInPage, PodShape shape)
    {
        if (!shape.Gpu.IsShare) return base.ChooseDevices(page, rowInPage, shape);
        Evaluate(new Columns(page), rowInPage, shape, out var device);
        return device < 0 ? 0 : 1u << device;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request)
    {
        var terms = Evaluate(new Columns(page), rowInPage, request.Shape, out var device);
        return
        [
            new ScoreTerm("value of the room left", terms.After, $"valued where {ShadowPrices.Names[terms.AfterLane]} is priced"
                + (device >= 0 ? $", on device {device}" : "")),
            new ScoreTerm("value of the room now", -terms.Before, $"valued where {ShadowPrices.Names[terms.BeforeLane]} is priced"),
            new ScoreTerm("reservation", -terms.Reservation, "places for pods of several GPUs that this one destroys"),
            new ScoreTerm("scarcity", -terms.Scarcity, "taking GPUs of a model that others must have"),
            new ScoreTerm("tie", -terms.Tie, "free GPUs of the node: the fuller of equal nodes"),
        ];
    }

    internal ResidualValueStrategy Refresh(ClusterSnapshot cluster)
    {
        var reservations = _reservations.Refresh(cluster, Workload, Options);
        var scarcity = _scarcity.Refresh(cluster, Options);
        return ReferenceEquals(reservations, _reservations) && ReferenceEquals(scarcity, _scarcity) ? this
            : new ResidualValueStrategy(Options, Workload, _tables, reservations, scarcity);
    }

    private Terms Evaluate(in Columns columns, int row, PodShape shape, out int device)
    {
        var demand = shape.Gpu;
        var free = columns.Devices.Slice(row * NodePage.MaxDevices, Math.Min(columns.Count[row], NodePage.MaxDevices));
        var wholeFree = columns.WholeFree[row];
        var cpu = Math.Max(0, columns.Cpu[row]);
        var memory = Math.Max(0, columns.Memory[row]);
        var model = columns.Model[row];
        var number = _tables.ClassOf(model);
        ref var shared = ref Unsafe.Add(ref MemoryMarshal.GetReference(_tables.Shared), number * ResidualValueTables.SharedStride);
        ref var whole = ref Unsafe.Add(ref MemoryMarshal.GetReference(_tables.Whole), number * ResidualValueTables.WholeStride);

        var before = At(ref whole, wholeFree) + (_tables.Prices.Cpu * cpu) + (_tables.Prices.Memory * memory);
        if (columns.FreeMilli[row] != wholeFree * GpuDemand.WholeMilli)
        {
            foreach (var milli in free)
            {
                if (milli is > 0 and < GpuDemand.WholeMilli) before += At(ref shared, milli / ResidualValueTables.MilliPerUnit);
            }
        }

        var rest = before - (_tables.Prices.Cpu * shape.CpuMilli) - (_tables.Prices.Memory * shape.MemoryMiB);
        var wholeAfter = wholeFree;
        var asked = demand.TotalMilli;
        device = -1;
        if (demand.IsShare)
        {
            rest = PlaceShare(free, wholeFree, demand.MilliPerGpu, rest, ref shared, ref whole, out device);
            if (device >= 0 && free[device] == GpuDemand.WholeMilli) wholeAfter--;
        }
        else if (demand.IsMemoryShare)
        {
            rest = PlaceByMemory(columns.Page, row, demand, rest, ref shared, ref whole, ref wholeAfter, out asked);
        }
        else if (free.Length == 0)
        {
            // Devices that are not told apart: the room among them has no value here, only CPU and memory have.
        }
        else if (demand.Count <= wholeFree)
        {
            wholeAfter -= demand.Count;
            rest = rest - At(ref whole, wholeFree) + At(ref whole, wholeAfter);
        }
        else
        {
            rest = Vector256.Create(float.NegativeInfinity);
        }

        var reservation = 0f;
        if (_reservations.IsActive && wholeFree > 0)
        {
            var destroyed = _reservations.Places(wholeFree, cpu, memory, model)
                - _reservations.Places(wholeAfter, cpu - shape.CpuMilli, memory - shape.MemoryMiB, model);
            reservation = SumLanes(destroyed * _reservations.Costs);
        }

        return new Terms(before, rest, reservation, _scarcity.CostOf(model) * asked, _tie * columns.FreeMilli[row]);
    }

    /// <summary>The value by lane after the share went where least is lost: the device with the greatest least lane, the first of equals.</summary>
    private static Vector256<float> PlaceShare(
        ReadOnlySpan<ushort> free, int wholeFree, int milli, Vector256<float> rest, ref float shared, ref float whole, out int device)
    {
        device = -1;
        var best = Vector256.Create(float.NegativeInfinity);
        var bestValue = float.NegativeInfinity;
        var triedWhole = false;
        for (var candidate = 0; candidate < free.Length; candidate++)
        {
            var room = free[candidate];
            if (room < milli) continue;
            var value = rest + At(ref shared, (room - milli) / ResidualValueTables.MilliPerUnit);
            if (room == GpuDemand.WholeMilli)
            {
                if (triedWhole) continue;
                triedWhole = true;
                value = value - At(ref whole, wholeFree) + At(ref whole, wholeFree - 1);
            }
            else
            {
                value -= At(ref shared, room / ResidualValueTables.MilliPerUnit);
            }

            var least = Least(value);
            if (least > bestValue) (best, bestValue, device) = (value, least, candidate);
        }

        return best;
    }

    /// <summary>The value by lane after a share by memory went to the devices it fits best: what it takes of each depends on the device.</summary>
    private static Vector256<float> PlaceByMemory(
        NodePage page, int row, in GpuDemand demand, Vector256<float> rest, ref float shared, ref float whole, ref int wholeAfter, out int asked)
    {
        asked = 0;
        var wholeFree = wholeAfter;
        var devices = DeviceChoice.BestFit(page, row, demand);
        if (devices == 0) return Vector256.Create(float.NegativeInfinity);
        for (; devices != 0; devices &= devices - 1)
        {
            var room = page.Room(row, BitOperations.TrailingZeroCount(devices));
            var milli = room.MilliOf(demand);
            asked += milli;
            rest += At(ref shared, Math.Max(0, room.Milli - milli) / ResidualValueTables.MilliPerUnit);
            if (room.Milli == GpuDemand.WholeMilli) wholeAfter--;
            else rest -= At(ref shared, room.Milli / ResidualValueTables.MilliPerUnit);
        }

        return rest - At(ref whole, wholeFree) + At(ref whole, wholeAfter);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> At(ref float table, int index) => Vector256.LoadUnsafe(ref table, (nuint)(index * ShadowPrices.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Least(Vector256<float> lanes)
    {
        var four = Vector128.MinNative(lanes.GetLower(), lanes.GetUpper());
        var two = Vector128.MinNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MinNative(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>Adds in a fixed order, so that the sum is the same on every machine.</summary>
    private static float SumLanes(Vector256<float> lanes)
    {
        var sum = 0f;
        for (var lane = 0; lane < Vector256<float>.Count; lane++) sum += lanes[lane];
        return sum;
    }

    /// <summary>The columns of a page, found once for all its rows.</summary>
    private readonly ref struct Columns(NodePage page)
    {
        public readonly NodePage Page = page;
        public readonly ReadOnlySpan<int> Cpu = page.Free(ResourceTable.Cpu);
        public readonly ReadOnlySpan<int> Memory = page.Free(ResourceTable.Memory);
        public readonly ReadOnlySpan<int> Count = page.GpuCount;
        public readonly ReadOnlySpan<int> WholeFree = page.GpuWholeFree;
        public readonly ReadOnlySpan<int> FreeMilli = page.GpuFreeMilli;
        public readonly ReadOnlySpan<int> Model = page.ModelId;
        public readonly ReadOnlySpan<ushort> Devices = page.AllDevicesFreeMilli;
    }

    private readonly struct Terms(Vector256<float> before, Vector256<float> after, float reservation, float scarcity, float tie)
    {
        public float Before => Least(before);

        public float After => Least(after);

        public int BeforeLane => LaneOf(before);

        public int AfterLane => LaneOf(after);

        public float Reservation => reservation;

        public float Scarcity => scarcity;

        public float Tie => tie;

        public float Score => After - Before - Reservation - Scarcity - Tie;

        private static int LaneOf(Vector256<float> lanes)
        {
            var lane = 0;
            for (var i = 1; i < Vector256<float>.Count; i++)
            {
                if (lanes[i] < lanes[lane]) lane = i;
            }

            return lane;
        }
    }
}
