using System.Globalization;
using System.Numerics;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Simulation.Generation;

/// <summary>Fills generated nodes with running pods: training on whole GPUs, inference on shares, slices and replicas, services on CPUs.</summary>
internal sealed class PodGenerator(SeededRandom random, double load)
{
    private static readonly string[] Teams = ["team-vision", "team-language", "team-speech", "research", "ml-platform"];
    private static readonly string[] Trainings = ["pretrain", "finetune", "distill", "eval"];
    private static readonly string[] Services = ["llm-serve", "embedder", "reranker", "transcriber"];

    // Places of CPU and memory that a node's units divide: a pod takes its units' part of three quarters of the node.
    private const int SharesOfNode = 4;
    private const int CpuPodsPerNode = 12;
    private int _count;

    /// <summary>The pods of one node.</summary>
    public IEnumerable<Pod> On(Node node)
    {
        var mig = MigNode.Of(node, GpuResourceCatalog.Default, MigCatalog.Default);
        if (mig.Mode == MigMode.Dynamic)
        {
            foreach (var pod in Instances(node, mig)) yield return pod;
        }

        var milli = node.AllocatableOf(GpuResourceCatalog.GpuMilli) > 0;
        var any = false;
        foreach (var (resource, amount) in node.Allocatable)
        {
            if (resource == GpuResourceCatalog.GpuMilli || GpuResourceCatalog.Default.KindOf(resource) == GpuResourceKind.None) continue;
            any = true;
            if (mig.Mode == MigMode.Dynamic && GpuResourceCatalog.Default.KindOf(resource) == GpuResourceKind.MigSlice) continue;
            foreach (var pod in Units(node, resource, (int)amount, milli)) yield return pod;
        }

        if (any) yield break;
        foreach (var _ in Enumerable.Range(0, random.Successes(CpuPodsPerNode, load)))
        {
            yield return Make(node, "web", CpuPodsPerNode, 1, [], null);
        }
    }

    /// <summary>Instances of any profile at any free start, until the load is reached on every GPU in MIG mode.</summary>
    private IEnumerable<Pod> Instances(Node node, MigNode mig)
    {
        var geometry = mig.Geometry!;
        var parts = mig.GpuCount * geometry.ComputeSlices;
        for (var rest = mig.GpuMask; rest != 0; rest &= rest - 1)
        {
            var taken = MigOccupancy.Empty;
            while (ushort.PopCount(taken.Mask) < load * geometry.Grid.Size)
            {
                var places = Enumerable.Range(0, geometry.Profiles.Count)
                    .SelectMany(profile => geometry.Profiles[profile].Starts.Select(start => (Profile: profile, Start: start)))
                    .Where(place => (geometry.FreeStarts(taken, place.Profile) >> place.Start & 1) != 0).ToArray();
                if (places.Length == 0) break;
                var (index, start) = random.Pick<(int, int)>(places);
                taken = geometry.Place(taken, index, start);
                var profile = geometry.Profiles[index].Profile;
                var pod = Make(node, random.Pick<string>(Services), parts, profile.ComputeSlices, [new(profile.ResourceName, 1)], null);
                var slot = new MigSlot(BitOperations.TrailingZeroCount(rest), profile, start);
                yield return pod with { Annotations = new Dictionary<string, string> { [DeviceAnnotation.Key] = MigAnnotation.Write([slot]) } };
            }
        }
    }

    private IEnumerable<Pod> Units(Node node, string resource, int units, bool milli)
    {
        var parts = node.Allocatable.Where(amount => GpuResourceCatalog.Default.KindOf(amount.Name) is GpuResourceKind.Whole or GpuResourceKind.MigSlice)
            .Sum(amount => (int)amount.Amount);
        var isWhole = resource == GpuResourceCatalog.NvidiaGpu && !node.Gpu.IsShared;
        var used = random.Successes(units, load);
        for (var first = 0; first < used;)
        {
            if (milli && random.Chance(0.5))
            {
                for (var share = 0; share < 2; share++)
                {
                    yield return Make(
                        node, random.Pick<string>(Services), parts * 2, 1, [new(GpuResourceCatalog.GpuMilli, share == 0 ? 500 : 250)], 1u << first);
                }

                first++;
                continue;
            }

            var size = isWhole ? LargestPowerOfTwo(used - first) : 1;
            var devices = isWhole ? ((1u << size) - 1) << first : (uint?)null;
            yield return Make(node, random.Pick<string>(isWhole ? Trainings : Services), parts, size, [new(resource, size)], devices);
            first += size;
        }
    }

    private Pod Make(Node node, string role, int parts, int units, ResourceAmount[] gpus, uint? devices)
    {
        long PartOf(string resource) => node.AllocatableOf(resource) * (SharesOfNode - 1) / SharesOfNode * units / parts;
        var shape = new PodShape(
            [new(ResourceNames.Cpu, PartOf(ResourceNames.Cpu)), new(ResourceNames.Memory, PartOf(ResourceNames.Memory)), .. gpus],
            GpuResourceCatalog.Default);
        var number = ++_count;
        return new Pod
        {
            Namespace = random.Pick<string>(Teams),
            Name = $"{role}-{number.ToString("x4", CultureInfo.InvariantCulture)}",
            Uid = random.Uuid(),
            ResourceVersion = (100_000 + number).ToString(CultureInfo.InvariantCulture),
            Shape = shape,
            NodeName = node.Name,
            SchedulerName = "gpu-scheduler",
            Annotations = devices is { } mask
                ? new Dictionary<string, string> { [DeviceAnnotation.Key] = DeviceAnnotation.Write(mask, shape.Gpu) }
                : [],
        };
    }

    private static int LargestPowerOfTwo(int limit) => 1 << int.Log2(limit);
}
