using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Scoring;

/// <summary>Random pages and pods: full, empty and over-committed nodes, nodes without a resource, and the whole range of a column.</summary>
internal static class Arbitraries
{
    private static readonly string[] OtherGpus =
        ["nvidia.com/mig-1g.10gb", "nvidia.com/mig-3g.40gb", "nvidia.com/gpu.shared", "aliyun.com/gpu-mem"];

    public static Gen<PodShape> Shapes { get; } =
        from cpu in Gen.Choose(0, 200_000)
        from memory in Gen.OneOf(Gen.Constant(0), Gen.Choose(1, 2_000_000))
        from kind in Gen.Choose(0, 4)
        from amount in Gen.Choose(1, 16)
        select Shape(cpu, memory, kind, amount);

    public static Gen<MakePage> Pages { get; } =
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select RandomPage(new Random(seed));

    /// <summary>Each strategy at a width, plainly and with settings that leave resources out.</summary>
    public static IScoringStrategy[] Strategies(LaneWidth width) =>
    [
        new MostAllocated(width: width),
        new MostAllocated(new ResourceWeights(0.3f, 0, 7), width),
        new LeastAllocated(width: width),
        new BalancedAllocation(width: width),
        new BalancedAllocation(new ResourceWeights(2, 1, 0.1f), width),
        new RequestedToCapacityRatio(width: width),
        new RequestedToCapacityRatio(new UtilizationShape(new(10, 3), new(33, 0), new(34, 10), new(90, 7)), width: width),
        new PackGpus(width),
    ];

    private static PodShape Shape(int cpuMilli, int memoryMiB, int kind, int amount)
    {
        var pod = MakePod.Named("p");
        if (cpuMilli > 0) pod.Cpu($"{cpuMilli}m");
        if (memoryMiB > 0) pod.Memory($"{memoryMiB}Mi");
        return (kind switch
        {
            0 => pod,
            1 => pod.Gpus(amount),
            2 => pod.GpuMilli(amount * 61),
            3 => pod.MigSlices("1g.10gb", amount).MigSlices("3g.40gb", 1),
            _ => pod.Request("aliyun.com/gpu-mem", $"{amount}"),
        }).Shape();
    }

    private static MakePage RandomPage(Random random)
    {
        var page = new MakePage();
        var rows = random.Next(257);
        for (var row = 0; row < rows; row++)
        {
            var others = OtherGpus.Where(_ => random.Next(8) == 0)
                .Select(name => (name, Allocatable: random.Next(1, 57)))
                .Select(other => (other.name, other.Allocatable, random.Next(-3, other.Allocatable + 1))).ToArray();
            var gpus = random.Next(2) == 0 ? [] : Enumerable.Range(0, random.Next(1, 17)).Select(_ => random.Next(1001)).ToArray();
            page.Node(Amounts(random), Amounts(random), gpus, others);
        }

        return page;
    }

    private static (int Allocatable, int Free) Amounts(Random random)
    {
        var allocatable = random.Next(6) switch
        {
            0 => 0,
            1 => random.Next(int.MaxValue),
            _ => random.Next(1, 4_000_000),
        };
        return (allocatable, random.Next(6) switch
        {
            0 => 0,
            1 => allocatable,
            2 => -random.Next(100_000),
            _ => random.Next(allocatable + 1),
        });
    }
}
