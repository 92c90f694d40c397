using System.Globalization;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Testing;

/// <summary>
/// Builds a <see cref="Node"/> step by step: <c>MakeNode.Named("n1").Cpu("96").Memory("1Ti").Gpus(8).Build()</c>. A node starts with room for
/// 110 pods and nothing else. In the spirit of Kubernetes' <c>pkg/scheduler/testing/wrappers.go</c>.
/// </summary>
public sealed class MakeNode
{
    private readonly string _name;
    private readonly Dictionary<string, string> _labels = new();
    private readonly Dictionary<string, string> _annotations = new();
    private readonly Dictionary<string, string> _conditions = new() { ["Ready"] = "True" };
    private readonly SortedDictionary<string, Quantity> _resources = new(StringComparer.Ordinal);
    private readonly List<Taint> _taints = [];
    private string _uid;
    private string _resourceVersion = "";
    private bool _unschedulable;

    private MakeNode(string name)
    {
        _name = name;
        _uid = $"uid-of-{name}";
        Resource(ResourceNames.Pods, "110");
    }

    /// <summary>Begins a node.</summary>
    public static MakeNode Named(string name) => new(name);

    /// <summary>Allocatable and capacity of CPU as a quantity, e.g. <c>96</c> or <c>1500m</c>.</summary>
    public MakeNode Cpu(string quantity) => Resource(ResourceNames.Cpu, quantity);

    /// <summary>Allocatable and capacity of memory as a quantity, e.g. <c>1Ti</c>.</summary>
    public MakeNode Memory(string quantity) => Resource(ResourceNames.Memory, quantity);

    /// <summary>Room for so many pods.</summary>
    public MakeNode Pods(int count) => Resource(ResourceNames.Pods, Text(count));

    /// <summary>Whole GPUs under <paramref name="resource"/>.</summary>
    public MakeNode Gpus(int count, string resource = GpuResourceCatalog.NvidiaGpu) => Resource(resource, Text(count));

    /// <summary>MIG slices of one profile, e.g. <c>1g.5gb</c>.</summary>
    public MakeNode MigSlices(string profile, int count) => Resource(GpuResourceCatalog.MigPrefix + profile, Text(count));

    /// <summary>
    /// Every GPU of the node in MIG mode, where instances are made as pods need them: as many of each profile are offered as empty GPUs take.
    /// </summary>
    public MakeNode DynamicMig(MigGeometry geometry, int gpus)
    {
        foreach (var profile in geometry.Profiles) Resource(profile.Profile.ResourceName, Text(profile.MaxCount * gpus));
        return Model(geometry.Models!.Patterns[0].Replace("*", "", StringComparison.Ordinal)).GpuMemoryMiB(geometry.MemoryGb * 1024)
            .Label("nvidia.com/gpu.count", Text(gpus)).Annotation(MigNode.DynamicKey, "true");
    }

    /// <summary>Any resource, allocatable and capacity alike.</summary>
    public MakeNode Resource(string name, string quantity)
    {
        _resources[name] = Quantity.Parse(quantity);
        return this;
    }

    /// <summary>The <c>nvidia.com/gpu.product</c> label.</summary>
    public MakeNode Model(string product) => Label("nvidia.com/gpu.product", product);

    /// <summary>The <c>nvidia.com/gpu.memory</c> label: MiB of one GPU.</summary>
    public MakeNode GpuMemoryMiB(int mebibytes) => Label("nvidia.com/gpu.memory", Text(mebibytes));

    /// <summary>Sets a label.</summary>
    public MakeNode Label(string key, string value)
    {
        _labels[key] = value;
        return this;
    }

    /// <summary>Sets an annotation.</summary>
    public MakeNode Annotation(string key, string value)
    {
        _annotations[key] = value;
        return this;
    }

    /// <summary>Adds a taint.</summary>
    public MakeNode Taint(string key, string value = "", string effect = "NoSchedule")
    {
        _taints.Add(new Taint(key, value, effect));
        return this;
    }

    /// <summary>Cordons the node: <c>spec.unschedulable</c> and the taint that stands for it.</summary>
    public MakeNode Unschedulable()
    {
        _unschedulable = true;
        if (!_taints.Contains(Core.Objects.Taint.Unschedulable)) _taints.Add(Core.Objects.Taint.Unschedulable);
        return this;
    }

    /// <summary>Sets a condition, e.g. <c>Ready</c> to <c>False</c>.</summary>
    public MakeNode Condition(string type, string status)
    {
        _conditions[type] = status;
        return this;
    }

    /// <summary>Sets the UID; <c>uid-of-NAME</c> without it.</summary>
    public MakeNode Uid(string uid)
    {
        _uid = uid;
        return this;
    }

    /// <summary>Sets the resource version.</summary>
    public MakeNode ResourceVersion(string version)
    {
        _resourceVersion = version;
        return this;
    }

    /// <summary>The node.</summary>
    public Node Build()
    {
        ResourceAmount[] amounts =
            [.. _resources.Select(pair => new ResourceAmount(pair.Key, ResourceNames.ToColumnUnits(pair.Key, pair.Value, isRequest: false)))];
        return new Node
        {
            Name = _name,
            Uid = _uid,
            ResourceVersion = _resourceVersion,
            Labels = new Dictionary<string, string>(_labels),
            Annotations = new Dictionary<string, string>(_annotations),
            Taints = [.. _taints],
            Allocatable = amounts,
            Capacity = amounts,
            IsUnschedulable = _unschedulable,
            Conditions = new Dictionary<string, string>(_conditions),
            Gpu = GpuLabels.Read(_labels),
        };
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);
}
