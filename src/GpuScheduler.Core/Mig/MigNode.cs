using System.Numerics;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Mig;

/// <summary>How instances of a node come to be.</summary>
public enum MigMode
{
    /// <summary>No MIG that we see.</summary>
    None,

    /// <summary>The instances that exist are fixed; pods are given one of a kind (device plugin, mixed or single strategy).</summary>
    Fixed,

    /// <summary>An instance is made wherever a pod is placed, and goes with it; GPU and start are chosen at bind.</summary>
    Dynamic,
}

/// <summary>What is known of a node's GPUs in MIG mode. Immutable; read from the node object.</summary>
public sealed class MigNode
{
    /// <summary>The annotation or label that says that instances may be made anywhere: <c>true</c>.</summary>
    public const string DynamicKey = "gpu-scheduler.io/mig-dynamic";

    private readonly Lazy<MigInference> _inference;

    private MigNode(MigMode mode, MigObstacle obstacle, MigGeometry? geometry, uint gpuMask, Func<MigInference> infer)
    {
        (Mode, Obstacle, Geometry, GpuMask) = (mode, obstacle, geometry, gpuMask);
        _inference = new Lazy<MigInference>(infer);
    }

    /// <summary>A node without MIG.</summary>
    public static MigNode None { get; } = new(MigMode.None, MigObstacle.None, null, 0, () => Nothing("the node offers no MIG devices"));

    /// <summary>How instances come to be.</summary>
    public MigMode Mode { get; }

    /// <summary>What keeps pods with GPUs away.</summary>
    public MigObstacle Obstacle { get; }

    /// <summary>The kind of its GPUs; null when it is not known.</summary>
    public MigGeometry? Geometry { get; }

    /// <summary>Bit i is set where GPU i is in MIG mode; 0 when nothing says which.</summary>
    public uint GpuMask { get; }

    /// <summary>Counts alone say which GPUs are in MIG mode: those after the whole ones.</summary>
    public bool AreGpusInferred { get; private init; }

    /// <summary>Instances that the node's annotation tells of.</summary>
    public IReadOnlyList<MigSlot> Told { get; private init; } = [];

    /// <summary>Why something the node says of itself could not be followed; empty otherwise.</summary>
    public string Problem { get; private init; } = "";

    /// <summary>
    /// Which layouts the device counts allow, where the annotation tells none. Computed when first asked for: it can take milliseconds, and
    /// no decision waits for it.
    /// </summary>
    public MigInference Inference => _inference.Value;

    /// <summary>The MIG resources the node offers, and which profile of <see cref="Geometry"/> each is. Empty unless <see cref="MigMode.Dynamic"/>.</summary>
    internal IReadOnlyList<(string Resource, int Profile)> Offers { get; private init; } = [];

    /// <summary>GPUs in <see cref="GpuMask"/>.</summary>
    public int GpuCount => BitOperations.PopCount(GpuMask);

    /// <summary>Reads a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="resources">Tells which resources are MIG slices.</param>
    /// <param name="catalog">The geometries.</param>
    public static MigNode Of(Node node, GpuResourceCatalog resources, MigCatalog catalog)
    {
        var obstacle = MigObstacles.Read(node.Labels, node.Gpu.MigProfile);
        var devices = Devices(node, resources);
        var isSingle = node.Gpu.MigProfile.Length > 0;
        var told = MigNodeAnnotation.Read(node.Annotations, out var problem);
        var wantsDynamic = IsTrue(node.Annotations) || IsTrue(node.Labels);
        if (devices.Count == 0 && !isSingle && told is null && !wantsDynamic)
        {
            return obstacle == MigObstacle.None && problem.Length == 0 ? None
                : new MigNode(MigMode.None, obstacle, null, 0, () => Nothing("the node offers no MIG devices")) { Problem = problem };
        }

        // The single strategy labels a node with the memory of one MIG device, not of a GPU.
        var geometry = catalog.Find(node.Gpu.Model, isSingle ? 0 : node.Gpu.MemoryMiB);
        var gpus = GpusOf(node, told, resources, isSingle);
        var profiles = devices.ToDictionary(pair => pair.Profile, pair => pair.Count);
        var offers = new List<(string, int)>();
        foreach (var (profile, _) in devices)
        {
            var index = geometry?.IndexOf(profile) ?? -1;
            if (index >= 0 && geometry!.Profiles[index].Shape >= 0) offers.Add((profile.ResourceName, index));
        }

        var cannot = !wantsDynamic ? "" : WhyNotDynamic(geometry, gpus, node.Gpu, isSingle, offers.Count, devices.Count);
        var isDynamic = wantsDynamic && cannot.Length == 0;
        return new MigNode(
            isDynamic ? MigMode.Dynamic : devices.Count > 0 || isSingle ? MigMode.Fixed : MigMode.None,
            obstacle,
            geometry,
            gpus,
            () => geometry is null ? Nothing("the geometry of the node's GPUs is not known")
                : isDynamic ? Nothing("instances are made as pods need them")
                : isSingle ? Nothing("the single strategy does not tell how many GPUs its devices are on")
                : MigInference.FromCounts(geometry, BitOperations.PopCount(gpus), profiles, pluginBefore020: true))
        {
            AreGpusInferred = told is null,
            Told = [.. (told ?? []).SelectMany(gpu => gpu.Slots)],
            Offers = isDynamic ? offers : [],
            Problem = cannot.Length > 0 ? cannot : problem,
        };
    }

    /// <summary>Whether what pods hold, and where, is counted the same way on both: then it stays as it is.</summary>
    internal bool CountsLike(MigNode other) =>
        Mode == other.Mode && Geometry == other.Geometry && GpuMask == other.GpuMask && Told.SequenceEqual(other.Told) && Offers.SequenceEqual(other.Offers);

    private static string WhyNotDynamic(MigGeometry? geometry, uint gpus, GpuLabels labels, bool isSingle, int known, int offered) =>
        isSingle ? $"{DynamicKey}: the single strategy's devices are fixed"
        : geometry is null ? $"{DynamicKey}: no geometry is known for '{labels.Model}' with {labels.MemoryMiB} MiB; give one by resources.migGeometries"
        : gpus == 0 ? $"{DynamicKey}: nothing tells which GPUs are in MIG mode; label nvidia.com/gpu.count, or annotate {MigNodeAnnotation.Key}"
        : offered == 0 ? $"{DynamicKey}: the node offers no nvidia.com/mig-* resource"
        : known < offered ? $"{DynamicKey}: {geometry} does not know the places of every profile the node offers"
        : "";

    private static uint GpusOf(Node node, IReadOnlyList<MigToldGpu>? told, GpuResourceCatalog resources, bool isSingle)
    {
        var mask = 0u;
        if (told is not null)
        {
            foreach (var gpu in told) mask |= gpu.IsEnabled == true ? 1u << gpu.Index : 0;
            return mask;
        }

        if (isSingle || !int.TryParse(node.Labels.GetValueOrDefault("nvidia.com/gpu.count", ""), out var all)) return 0;
        var whole = (int)Math.Clamp(Amounts(node).Where(amount => resources.KindOf(amount.Name) == GpuResourceKind.Whole).Sum(amount => amount.Amount), 0, NodePage.MaxDevices);
        for (var index = whole; index < Math.Min(all, NodePage.MaxDevices); index++) mask |= 1u << index;
        return mask;
    }

    /// <summary>Devices by profile, as the node has them: broken ones are still somewhere.</summary>
    private static List<(MigProfile Profile, long Count)> Devices(Node node, GpuResourceCatalog resources)
    {
        var devices = new List<(MigProfile, long)>();
        foreach (var (name, amount) in Amounts(node))
        {
            if (amount <= 0 || resources.KindOf(name) != GpuResourceKind.MigSlice) continue;
            if (MigProfile.TryParseResource(name, out var profile, out _)) devices.Add((profile!, amount));
        }

        return devices;
    }

    private static IReadOnlyList<ResourceAmount> Amounts(Node node) => node.Capacity.Count > 0 ? node.Capacity : node.Allocatable;

    private static bool IsTrue(IReadOnlyDictionary<string, string> values) =>
        values.GetValueOrDefault(DynamicKey, "").Equals("true", StringComparison.OrdinalIgnoreCase);

    private static MigInference Nothing(string reason) => new(MigInferenceStatus.Unknown, [], reason);
}
