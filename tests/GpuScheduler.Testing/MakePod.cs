using System.Globalization;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Testing;

/// <summary>
/// Builds a <see cref="Pod"/> step by step: <c>MakePod.Named("p").Gpus(1).Cpu("4").Memory("16Gi").On("n1").Build()</c>. A pod starts in
/// <c>default</c>, asks for nothing and tolerates nothing. In the spirit of Kubernetes' <c>pkg/scheduler/testing/wrappers.go</c>.
/// </summary>
public sealed class MakePod
{
    private readonly string _name;
    private readonly Dictionary<string, string> _labels = new();
    private readonly Dictionary<string, string> _annotations = new();
    private readonly SortedDictionary<string, Quantity> _requests = new(StringComparer.Ordinal);
    private readonly List<Toleration> _tolerations = [];
    private GpuResourceCatalog _catalog = GpuResourceCatalog.Default;
    private string _namespace = "default";
    private string? _uid;
    private string _resourceVersion = "";
    private string? _nodeName;
    private string? _nominatedNodeName;
    private string _schedulerName = "gpu-scheduler";
    private string _schedulingGroup = "";
    private string _controllerKind = "";
    private string _controllerName = "";
    private int _priority;
    private bool _terminal;
    private bool _terminating;
    private bool _otherConstraints;
    private DateTimeOffset _createdAt;
    private ModelSelector? _models;

    private MakePod(string name) => _name = name;

    /// <summary>Begins a pod.</summary>
    public static MakePod Named(string name) => new(name);

    /// <summary>Sets the namespace; <c>default</c> without it.</summary>
    public MakePod Namespace(string name) => Set(ref _namespace, name);

    /// <summary>Sets the UID; <c>uid-of-NAMESPACE/NAME</c> without it.</summary>
    public MakePod Uid(string uid) => Set(ref _uid, uid);

    /// <summary>Sets the resource version.</summary>
    public MakePod ResourceVersion(string version) => Set(ref _resourceVersion, version);

    /// <summary>Requests CPU as a quantity, e.g. <c>4</c> or <c>500m</c>.</summary>
    public MakePod Cpu(string quantity) => Request(ResourceNames.Cpu, quantity);

    /// <summary>Requests memory as a quantity, e.g. <c>16Gi</c>.</summary>
    public MakePod Memory(string quantity) => Request(ResourceNames.Memory, quantity);

    /// <summary>Requests whole GPUs under <paramref name="resource"/>.</summary>
    public MakePod Gpus(int count, string resource = GpuResourceCatalog.NvidiaGpu) => Request(resource, Text(count));

    /// <summary>Requests thousandths of a GPU.</summary>
    public MakePod GpuMilli(int milli) => Request(GpuResourceCatalog.GpuMilli, Text(milli));

    /// <summary>Requests MIG slices of one profile, e.g. <c>1g.5gb</c>.</summary>
    public MakePod MigSlices(string profile, int count) => Request(GpuResourceCatalog.MigPrefix + profile, Text(count));

    /// <summary>Requests any resource.</summary>
    public MakePod Request(string resource, string quantity)
    {
        _requests[resource] = Quantity.Parse(quantity);
        return this;
    }

    /// <summary>Reads its resources with another catalog than the default.</summary>
    public MakePod Catalog(GpuResourceCatalog catalog) => Set(ref _catalog, catalog);

    /// <summary>The GPU models it accepts, as the annotation writes them.</summary>
    public MakePod Models(string selector)
    {
        _models = ModelSelector.Parse(selector);
        return Annotation(ModelSelector.Annotation, selector);
    }

    /// <summary>Whether it takes replicas of shared cards for GPUs.</summary>
    public MakePod AllowShared(bool allow) => Annotation(ConstraintAnnotations.AllowShared, allow ? "true" : "false");

    /// <summary>Adds a toleration; without a value it is <c>Exists</c>.</summary>
    public MakePod Tolerate(string key, string? value = null, string effect = "")
    {
        _tolerations.Add(new Toleration(key, value is null ? "Exists" : "Equal", value ?? "", effect));
        return this;
    }

    /// <summary>Bound to a node.</summary>
    public MakePod On(string node) => Set(ref _nodeName, node);

    /// <summary>Nominated for a node by a preemption.</summary>
    public MakePod Nominated(string node) => Set(ref _nominatedNodeName, node);

    /// <summary>Sets the scheduler's name; <c>gpu-scheduler</c> without it.</summary>
    public MakePod Scheduler(string name) => Set(ref _schedulerName, name);

    /// <summary>Sets the priority.</summary>
    public MakePod Priority(int priority) => Set(ref _priority, priority);

    /// <summary>Succeeded or failed.</summary>
    public MakePod Terminal() => Set(ref _terminal, true);

    /// <summary>Being deleted.</summary>
    public MakePod Terminating() => Set(ref _terminating, true);

    /// <summary>Constrained by something that we leave to kube-scheduler.</summary>
    public MakePod OtherConstraints() => Set(ref _otherConstraints, true);

    /// <summary>Sets when it was created.</summary>
    public MakePod CreatedAt(DateTimeOffset time) => Set(ref _createdAt, time);

    /// <summary>Puts it into a PodGroup by <c>spec.schedulingGroup</c>.</summary>
    public MakePod SchedulingGroup(string podGroup) => Set(ref _schedulingGroup, podGroup);

    /// <summary>Sets the owner that controls it.</summary>
    public MakePod Controller(string kind, string name)
    {
        _controllerKind = kind;
        return Set(ref _controllerName, name);
    }

    /// <summary>Sets a label.</summary>
    public MakePod Label(string key, string value)
    {
        _labels[key] = value;
        return this;
    }

    /// <summary>Sets an annotation.</summary>
    public MakePod Annotation(string key, string value)
    {
        _annotations[key] = value;
        return this;
    }

    /// <summary>The pod.</summary>
    /// <exception cref="FormatException">Its requests contradict each other (<see cref="PodShape"/>).</exception>
    public Pod Build() => new()
    {
        Namespace = _namespace,
        Name = _name,
        Uid = _uid ?? $"uid-of-{_namespace}/{_name}",
        ResourceVersion = _resourceVersion,
        Shape = Shape(),
        NodeName = _nodeName,
        NominatedNodeName = _nominatedNodeName,
        SchedulerName = _schedulerName,
        Priority = _priority,
        IsTerminal = _terminal,
        IsTerminating = _terminating,
        HasOtherConstraints = _otherConstraints,
        CreatedAt = _createdAt,
        SchedulingGroup = _schedulingGroup,
        ControllerKind = _controllerKind,
        ControllerName = _controllerName,
        Labels = new Dictionary<string, string>(_labels),
        Annotations = new Dictionary<string, string>(_annotations),
    };

    /// <summary>Only the shape.</summary>
    public PodShape Shape() => new(
        _requests.Select(pair => new ResourceAmount(pair.Key, ResourceNames.ToColumnUnits(pair.Key, pair.Value, isRequest: true))),
        _catalog,
        _tolerations,
        _models,
        constraints: ConstraintAnnotations.Read(_annotations, out _));

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);

    private MakePod Set<T>(ref T field, T value)
    {
        field = value;
        return this;
    }
}
