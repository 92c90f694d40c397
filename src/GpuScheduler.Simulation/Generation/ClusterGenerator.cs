using System.Globalization;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Simulation.Generation;

/// <summary>
/// Makes a cluster out of a seed: H100, H200, GB200 NVL72 racks, A100 in MIG layouts, L40S (some offering thousandths), time-sliced T4 and
/// machines without GPUs, in racks under leaf and spine switches in three zones, labelled as GPU Feature Discovery and topograph do.
/// The same arguments always give the same cluster.
/// </summary>
public static class ClusterGenerator
{
    private const string Region = "eu-central";
    private const int LeavesPerSpine = 8;
    private const int CoresReserved = 2;
    private const int MemoryGiBReserved = 16;
    private const int DiskGiB = 3500;

    /// <summary>Makes a cluster.</summary>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="seed">Which of all such clusters.</param>
    /// <param name="load">How much of the GPUs (and of CPU on nodes without) running pods hold on average, 0..1.</param>
    /// <param name="dynamicMig">Whether MIG nodes make instances as pods need them (<see cref="Core.Mig.MigMode.Dynamic"/>); otherwise their layouts are fixed.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="nodes"/> is negative or <paramref name="load"/> outside 0..1.</exception>
    public static GeneratedCluster Generate(int nodes, long seed, double load = 0, bool dynamicMig = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(nodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(load, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(load, 1);
        var random = new SeededRandom(seed);
        var made = new List<Node>(nodes);
        var leaves = 0;
        foreach (var (profile, count) in Divide(nodes)) AddRacks(made, profile, count, dynamicMig, ref leaves, random);
        made.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));

        var pods = new PodGenerator(random, load);
        return new GeneratedCluster(made, load > 0 ? [.. made.SelectMany(pods.On)] : []);
    }

    /// <summary>Shares of the mix in whole nodes; NVL72 racks only whole, the rest of their share goes to the first kind.</summary>
    private static IEnumerable<(NodeProfile Profile, int Count)> Divide(int nodes)
    {
        var total = NodeProfiles.All.Sum(profile => profile.Share);
        var counts = NodeProfiles.All.Select(profile => (int)((long)nodes * profile.Share / total)).ToArray();
        for (var i = 0; i < counts.Length; i++)
        {
            if (NodeProfiles.All[i].IsRackFabric) counts[i] -= counts[i] % NodeProfiles.All[i].NodesPerRack;
        }

        counts[0] += nodes - counts.Sum();
        return NodeProfiles.All.Zip(counts);
    }

    private static void AddRacks(List<Node> nodes, NodeProfile profile, int count, bool dynamicMig, ref int leaves, SeededRandom random)
    {
        for (var rack = 0; rack * profile.NodesPerRack < count; rack++)
        {
            var zone = (char)('a' + rack % 3);
            var place = new Place(profile, $"{Region}-{zone}", $"{zone}{rack / 3 + 1:d2}", leaves++, profile.IsRackFabric ? random.Uuid() : "", dynamicMig);
            var inRack = Math.Min(profile.NodesPerRack, count - rack * profile.NodesPerRack);
            for (var unit = 1; unit <= inRack; unit++) nodes.Add(NodeAt(place, unit, nodes.Count, random));
        }
    }

    private static Node NodeAt(Place place, int unit, int number, SeededRandom random)
    {
        var profile = place.Profile;
        var name = $"{profile.Prefix}-{place.Rack}-n{unit:d2}";
        var layout = profile.MigLayouts.Count > 0 ? profile.MigLayouts[random.Below(profile.MigLayouts.Count)] : null;
        var geometry = layout is not null && place.DynamicMig
            ? Core.Mig.MigCatalog.Default.Find(profile.Gpu!.Product, profile.Gpu.MemoryMiB) : null;
        if (geometry is not null) layout = layout! with { Config = "all-enabled", SlicesPerGpu = [] };
        var labels = Labels(place, name, layout);
        var resources = Resources(profile, layout);
        foreach (var mig in geometry?.Profiles ?? [])
        {
            resources.Add(new(mig.Profile.ResourceName, (long)mig.MaxCount * (profile.GpuCount - layout!.WholeGpus)));
        }

        return new Node
        {
            Name = name,
            Uid = random.Uuid(),
            ResourceVersion = Text(1000 + number),
            Labels = labels,
            Annotations = geometry is null ? new Dictionary<string, string>() : new() { [Core.Mig.MigNode.DynamicKey] = "true" },
            Conditions = new Dictionary<string, string> { ["Ready"] = "True", ["MemoryPressure"] = "False", ["DiskPressure"] = "False" },
            Gpu = GpuLabels.Read(labels),
            Capacity =
            [
                new(ResourceNames.Cpu, profile.Cores * 1000L),
                new(ResourceNames.EphemeralStorage, DiskGiB * 1024L),
                new(ResourceNames.Memory, profile.MemoryGiB * 1024L),
                .. resources,
            ],
            Allocatable =
            [
                new(ResourceNames.Cpu, (profile.Cores - CoresReserved) * 1000L),
                new(ResourceNames.EphemeralStorage, DiskGiB * 1024L * 9 / 10),
                new(ResourceNames.Memory, (profile.MemoryGiB - MemoryGiBReserved) * 1024L),
                .. resources,
            ],
        };
    }

    private static List<ResourceAmount> Resources(NodeProfile profile, MigLayout? layout)
    {
        var resources = new List<ResourceAmount> { new(ResourceNames.Pods, profile.MaxPods) };
        if (profile.Gpu is null) return resources;
        var whole = layout?.WholeGpus ?? profile.GpuCount;
        if (profile.OffersMilli) resources.Add(new(GpuResourceCatalog.GpuMilli, profile.GpuCount * (long)GpuDemand.WholeMilli));
        if (whole > 0) resources.Add(new(GpuResourceCatalog.NvidiaGpu, whole * (long)profile.Replicas));
        foreach (var (mig, perGpu) in layout?.SlicesPerGpu ?? [])
        {
            resources.Add(new(GpuResourceCatalog.MigPrefix + mig.Name, (long)perGpu * (profile.GpuCount - whole)));
        }

        return resources;
    }

    private static Dictionary<string, string> Labels(Place place, string name, MigLayout? layout)
    {
        var profile = place.Profile;
        var labels = new Dictionary<string, string>(profile.Gpu is null ? 16 : 64)
        {
            ["kubernetes.io/arch"] = profile.Architecture,
            ["kubernetes.io/hostname"] = name,
            ["kubernetes.io/os"] = "linux",
            ["topology.kubernetes.io/region"] = Region,
            ["topology.kubernetes.io/zone"] = place.Zone,
            ["network.topology.nvidia.com/core"] = $"core-{place.Zone[^1]}",
            ["network.topology.nvidia.com/spine"] = $"spine-{place.Zone[^1]}-{place.Leaf / LeavesPerSpine + 1:d2}",
            ["network.topology.nvidia.com/leaf"] = $"leaf-{place.Zone[^1]}-{place.Leaf + 1:d3}",
        };
        if (profile.Gpu is null) return labels;

        GpuLabelWriter.Write(labels, profile, layout);
        if (place.FabricUuid.Length > 0)
        {
            labels["network.topology.nvidia.com/accelerator"] = $"nvl72-{place.Rack}";
            labels["nvidia.com/gpu.clique"] = $"{place.FabricUuid}.1";
        }

        return labels;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Place(NodeProfile Profile, string Zone, string Rack, int Leaf, string FabricUuid, bool DynamicMig);
}
