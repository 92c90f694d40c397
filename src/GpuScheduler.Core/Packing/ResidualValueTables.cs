using System.Runtime.Intrinsics;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// What free room will be worth to the pods that are still to come, in thousandths of a GPU, for every way to price what pods take besides GPUs
/// (<see cref="ShadowPrices"/>). <c>U(l)</c> is the value of a GPU in use with l hundredths free:
/// <code>U(l) = max over sets A of shares that fit:  Σ_A q·(v - b·r + U(l - s)) / (ε + (1 - ε)·Σ_A q)</code>
/// the room may wait for the pods it fits best, and loses everything with chance ε per arrival while it waits. <c>W(f)</c> is the same for f
/// free GPUs of one node, over all pods that ask for GPUs. The best set takes every pod whose gain is above (1 - ε)·U, which Dinkelbach's
/// iteration finds in a few rounds ("On nonlinear fractional programming", Management Science 13, 1967), all lanes at once.
/// </summary>
internal sealed class ResidualValueTables
{
    /// <summary>Table units of a whole GPU.</summary>
    public const int Units = 100;

    /// <summary>Thousandths of a table unit.</summary>
    public const int MilliPerUnit = GpuDemand.WholeMilli / Units;

    private const int MaxRounds = 24;

    /// <summary>Lanes computed together.</summary>
    private const int Part = 8;

    private readonly int[] _classOfModel;
    private readonly float[] _shared;
    private readonly float[] _whole;

    private ResidualValueTables(int[] classOfModel, float[] shared, float[] whole, ShadowPrices prices) =>
        (_classOfModel, _shared, _whole, Prices) = (classOfModel, shared, whole, prices);

    /// <summary>The prices the lanes stand for.</summary>
    public ShadowPrices Prices { get; }

    /// <summary>Rooms of <see cref="Shared"/> per class.</summary>
    public const int SharedRooms = Units;

    /// <summary>Rooms of <see cref="Whole"/> per class.</summary>
    public const int WholeRooms = NodePage.MaxDevices + 1;

    /// <summary>U, lanes together: the entry of class c, room l and lane b of n is at <c>(c·100 + l)·n + b</c>.</summary>
    public ReadOnlySpan<float> Shared => _shared;

    /// <summary>W, lanes together: the entry of class c, f free GPUs and lane b of n is at <c>(c·17 + f)·n + b</c>.</summary>
    public ReadOnlySpan<float> Whole => _whole;

    /// <summary>
    /// The table of a model. Models that every shape of the workload treats alike share one; a model that appeared after the tables were
    /// built has the table of nodes without a model until they are built anew.
    /// </summary>
    public int ClassOf(int modelId) => modelId < _classOfModel.Length ? _classOfModel[modelId] : _classOfModel[0];

    /// <summary>Builds the tables.</summary>
    public static ResidualValueTables Build(WorkloadMix workload, StringTable models, ShadowPrices prices, Patience patience, ResidualValueOptions options)
    {
        var worth = new Worth(workload, options.SizeWeight);
        var classes = new Dictionary<string, int>();
        var classOfModel = new int[models.Count];
        var restrictive = workload.Shares.ToArray().Select(entry => entry.Shape.Models).OfType<ModelSelector>().Distinct().ToArray();
        var shared = new List<float>();
        var whole = new List<float>();
        for (var model = 0; model < models.Count; model++)
        {
            var signature = string.Concat(restrictive.Select(selector => selector.Accepts(models[model]) ? '1' : '0'));
            if (!classes.TryGetValue(signature, out var number))
            {
                classes.Add(signature, number = classes.Count);
                var inUse = new float[SharedRooms * prices.Count];
                var free = new float[WholeRooms * prices.Count];
                for (var lane = 0; lane < prices.Count; lane += Part)
                {
                    var pods = DemandedPod.Of(workload, models[model], worth, prices, lane);
                    var part = BuildShared(pods, patience.Shared);
                    Interleave(part, inUse, lane, prices.Count);
                    Interleave(BuildWhole(pods, part, patience.Whole), free, lane, prices.Count);
                }

                shared.AddRange(inUse);
                whole.AddRange(free);
            }

            classOfModel[model] = number;
        }

        return new ResidualValueTables(classOfModel, [.. shared], [.. whole], prices);
    }

    private static void Interleave(float[] part, float[] table, int lane, int lanes)
    {
        for (var room = 0; room < part.Length / Part; room++) part.AsSpan(room * Part, Part).CopyTo(table.AsSpan((room * lanes) + lane));
    }

    private static float[] BuildShared(DemandedPod[] pods, double patience)
    {
        var table = new float[SharedRooms * Part];
        var shares = pods.Where(pod => pod.IsShare).ToArray();
        var gains = new Vector256<float>[shares.Length];
        for (var room = 1; room < Units; room++)
        {
            for (var i = 0; i < shares.Length; i++)
            {
                gains[i] = shares[i].Units > room ? Never : shares[i].Worth + At(table, room - shares[i].Units);
            }

            Best(shares, gains, patience).CopyTo(table, room * Part);
        }

        return table;
    }

    private static float[] BuildWhole(DemandedPod[] pods, float[] shared, double patience)
    {
        var table = new float[WholeRooms * Part];
        var gains = new Vector256<float>[pods.Length];
        for (var free = 1; free <= NodePage.MaxDevices; free++)
        {
            for (var i = 0; i < pods.Length; i++)
            {
                gains[i] = pods[i].IsShare ? pods[i].Worth + At(shared, Units - pods[i].Units) + At(table, free - 1)
                    : pods[i].Gpus > free ? Never
                    : pods[i].Worth + At(table, free - pods[i].Gpus);
            }

            Best(pods, gains, patience).CopyTo(table, free * Part);
        }

        return table;
    }

    private static Vector256<float> Never => Vector256.Create(float.NegativeInfinity);

    private static Vector256<float> At(float[] table, int index) => Vector256.Create(table, index * Part);

    private static Vector256<float> Best(DemandedPod[] pods, Vector256<float>[] gains, double patience)
    {
        var stop = Vector256.Create((float)patience);
        var goOn = Vector256.Create((float)(1 - patience));
        var value = Vector256<float>.Zero;
        for (var round = 0; round < MaxRounds; round++)
        {
            var threshold = value * goOn;
            var gained = Vector256<float>.Zero;
            var chance = Vector256<float>.Zero;
            for (var i = 0; i < gains.Length; i++)
            {
                var taken = Vector256.GreaterThan(gains[i], threshold);
                gained += Vector256.ConditionalSelect(taken, gains[i] * pods[i].Share, Vector256<float>.Zero);
                chance += Vector256.ConditionalSelect(taken, pods[i].Share, Vector256<float>.Zero);
            }

            // Rounding may make the last steps go down by a hair; the value only ever rises.
            var next = Vector256.Max(value, gained / (stop + (goOn * chance)));
            if (next == value) break;
            value = next;
        }

        return value;
    }
}
