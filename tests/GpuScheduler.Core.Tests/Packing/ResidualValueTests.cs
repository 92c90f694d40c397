using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Packing;

public class ResidualValueTests
{
    private const int Lanes = ShadowPrices.BaseCount;

    private static readonly ResidualValueOptions Options = new();

    [Fact]
    public void Build_AnyLane_MoreRoomIsNeverWorthLess()
    {
        var tables = Tables(new PackingCluster(1).Churn(0));
        for (var at = Lanes; at < tables.Shared.Length; at++)
        {
            if (at / Lanes % ResidualValueTables.SharedRooms > 0) Assert.True(tables.Shared[at] >= tables.Shared[at - Lanes]);
        }

        for (var at = Lanes; at < tables.Whole.Length; at++)
        {
            if (at / Lanes % ResidualValueTables.WholeRooms > 0) Assert.True(tables.Whole[at] >= tables.Whole[at - Lanes]);
        }
    }

    [Fact]
    public void Build_AnyLane_RoomIsNeverWorthMoreThanTheGpu()
    {
        var tables = Tables(new PackingCluster(1).Churn(0));
        foreach (var value in tables.Shared) Assert.InRange(value, 0, 1000);
        for (var at = 0; at < tables.Whole.Length; at++)
        {
            Assert.InRange(tables.Whole[at], 0, 1000.1f * (at / Lanes % ResidualValueTables.WholeRooms));
        }
    }

    [Fact]
    public void Build_EveryLane_EqualsTheScalarRecursion()
    {
        var snapshot = new PackingCluster(1).Churn(0);
        var prices = ShadowPrices.For(snapshot, PackingCluster.Mix, Options);
        var tables = Tables(snapshot);
        var worth = new Worth(PackingCluster.Mix, Options.SizeWeight);
        var number = tables.ClassOf(snapshot.Tables.Models.IdOf("T4"));
        var shares = DemandedPod.Of(PackingCluster.Mix, "T4", worth, prices).Where(pod => pod.IsShare).ToArray();
        var patience = Patience.Of(PackingCluster.Mix, snapshot, Options).Shared;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var value = new float[ResidualValueTables.Units];
            for (var room = 1; room < value.Length; room++) value[room] = Scalar(shares, patience, lane, room, value);
            for (var room = 0; room < value.Length; room++)
            {
                Assert.Equal(value[room], tables.Shared[(((number * ResidualValueTables.SharedRooms) + room) * Lanes) + lane]);
            }
        }
    }

    [Fact]
    public void ScoreRow_EveryFittingRow_EqualsTheFormula()
    {
        var cluster = new PackingCluster(5);
        var snapshot = cluster.Churn(500);
        var options = Options with { ReservationMilli = 0, ScarcityWeight = 0, TieMilli = 0, DepartureTieMilli = 0 };
        var tables = Tables(snapshot);
        var strategy = PackingPolicies.Find("ResidualValue", options)!.Build(PackingCluster.Mix, snapshot);
        foreach (var shape in PackingCluster.Shapes)
        {
            var request = cluster.Resolver.Resolve(snapshot.Tables, shape);
            var filter = new Core.Filtering.PodFilter(snapshot.Tables, shape);
            foreach (var (page, row) in PackingCluster.Rows(snapshot))
            {
                if (!filter.Check(page, row).IsNone) continue;
                var expected = BestAfter(tables, page, row, shape) - Value(tables, page, row, page.DeviceFreeMilli(row).ToArray(), 0, 0);
                Assert.Equal(expected, strategy.ScoreRow(page, row, request), 0.05f);
            }
        }
    }

    [Fact]
    public void ScoreRow_PodWithoutGpus_PrefersTheNodeWithoutGpus()
    {
        var cluster = new PackingCluster(6);
        var snapshot = cluster.Churn(0);
        var scores = new ShapeScores(PackingCluster.Shapes[0], cluster.Resolver);
        scores.Update(snapshot, PackingCluster.Build("ResidualValue", snapshot));

        var best = scores.Best();

        Assert.Equal(0, snapshot.PageOf(best).GpuCount[best & NodePage.RowMask]);
    }

    [Fact]
    public void ScoreRow_MemoryIsWhatRunsOut_MemoryHeavyPodGoesWhereMemoryIs()
    {
        var ledger = new Core.Ledger.ClusterLedger();
        ledger.UpsertNode(MakeNode.Named("little").Cpu("64").Memory("64Gi").Gpus(4).Build());
        ledger.UpsertNode(MakeNode.Named("much").Cpu("64").Memory("512Gi").Gpus(4).Build());
        var snapshot = ledger.Publish();
        var light = MakePod.Named("light").Cpu("4").Memory("14Gi").Gpus(1).Build().Shape;
        var heavy = MakePod.Named("heavy").Cpu("4").Memory("60Gi").Gpus(1).Build().Shape;
        var strategy = PackingPolicies.Find("ResidualValue")!.Build(WorkloadMix.Count([light, light, heavy]), snapshot);
        var scores = new ShapeScores(heavy, new Core.Scoring.ScoringResolver(GpuResourceCatalog.Default));
        scores.Update(snapshot, strategy);

        Assert.Equal(snapshot.Names.Find("much"u8)!.Row, scores.Best());
    }

    [Fact]
    public void Build_EmptyMix_ScoresAndDoesNotFail()
    {
        var cluster = new PackingCluster(6);
        var snapshot = cluster.Churn(0);
        var strategy = PackingPolicies.Find("ResidualValue")!.Build(WorkloadMix.Empty, snapshot);
        var scores = new ShapeScores(PackingCluster.Shapes[5], cluster.Resolver);
        scores.Update(snapshot, strategy);

        Assert.True(scores.Best() >= 0);
    }

    [Fact]
    public void With_UnknownConstant_NamesTheKnownOnes()
    {
        var problem = Assert.Throws<FormatException>(() => Options.With("Tei", 1));

        Assert.Contains(nameof(ResidualValueOptions.TieMilli), problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_KnownConstant_SetsIt() => Assert.Equal(7, Options.With("tiemilli", 7).TieMilli);

    private static ResidualValueTables Tables(ClusterSnapshot snapshot) =>
        ResidualValueTables.Build(
            PackingCluster.Mix, snapshot.Tables.Models, ShadowPrices.For(snapshot, PackingCluster.Mix, Options),
            Patience.Of(PackingCluster.Mix, snapshot, Options), Options);

    private static float Scalar(DemandedPod[] pods, double patience, int lane, int room, float[] value)
    {
        var best = 0f;
        for (var round = 0; round < 24; round++)
        {
            float gained = 0, chance = 0;
            foreach (var pod in pods)
            {
                if (pod.Units > room) continue;
                var gain = pod.Worth[lane] + value[room - pod.Units];
                if (!(gain > best * (float)(1 - patience))) continue;
                gained += gain * pod.Share[lane];
                chance += pod.Share[lane];
            }

            var next = Math.Max(best, gained / ((float)patience + ((float)(1 - patience) * chance)));
            if (next == best) break;
            best = next;
        }

        return best;
    }

    private static double BestAfter(ResidualValueTables tables, NodePage page, int row, PodShape shape)
    {
        var free = page.DeviceFreeMilli(row).ToArray();
        if (!shape.Gpu.IsShare)
        {
            var left = shape.Gpu.Count;
            for (var device = 0; device < free.Length; device++)
            {
                if (left > 0 && free[device] == 1000) (free[device], left) = (0, left - 1);
            }

            return Value(tables, page, row, free, shape.CpuMilli, shape.MemoryMiB);
        }

        var best = double.NegativeInfinity;
        for (var device = 0; device < free.Length; device++)
        {
            if (free[device] < shape.Gpu.MilliPerGpu) continue;
            free[device] -= (ushort)shape.Gpu.MilliPerGpu;
            best = Math.Max(best, Value(tables, page, row, free, shape.CpuMilli, shape.MemoryMiB));
            free[device] += (ushort)shape.Gpu.MilliPerGpu;
        }

        return best;
    }

    private static double Value(ResidualValueTables tables, NodePage page, int row, ushort[] free, int cpuMilli, int memoryMiB)
    {
        var number = tables.ClassOf(page.ModelId[row]);
        var least = double.PositiveInfinity;
        for (var lane = 0; lane < Lanes; lane++)
        {
            var sum = (tables.Prices.Cpu[lane] * (double)(page.Free(ResourceTable.Cpu)[row] - cpuMilli))
                + (tables.Prices.Memory[lane] * (double)(page.Free(ResourceTable.Memory)[row] - memoryMiB))
                + tables.Whole[(((number * ResidualValueTables.WholeRooms) + free.Count(milli => milli == 1000)) * Lanes) + lane];
            foreach (var milli in free)
            {
                if (milli is > 0 and < 1000) sum += tables.Shared[(((number * ResidualValueTables.SharedRooms) + (milli / 10)) * Lanes) + lane];
            }

            least = Math.Min(least, sum);
        }

        return least;
    }
}
