using GpuScheduler.Core.Health;
using GpuScheduler.Core.Resources;
using GpuScheduler.Extender;

namespace GpuScheduler.Server.Options;

/// <summary>
/// Everything that can be set, with its default. Filled by <see cref="OptionsReading"/> from a file and the command line; what each
/// option means, and its limits, stands in <see cref="OptionCatalog"/>.
/// </summary>
public sealed class GpuSchedulerOptions
{
    /// <summary>The HTTP server.</summary>
    public ServerSection Server { get; } = new();

    /// <summary>Certificates of the HTTP server.</summary>
    public TlsSection Tls { get; } = new();

    /// <summary>Who may read.</summary>
    public AccessSection Access { get; } = new();

    /// <summary>The log.</summary>
    public LoggingSection Logging { get; } = new();

    /// <summary>Where nodes and pods come from, and the ledger of them.</summary>
    public ClusterSection Cluster { get; } = new();

    /// <summary>How nodes are scored.</summary>
    public ScoringSection Scoring { get; } = new();

    /// <summary>How kube-scheduler's calls are answered.</summary>
    public ExtenderSection Extender { get; } = new();

    /// <summary>Node labels that place a node in the network.</summary>
    public TopologySection Topology { get; } = new();

    /// <summary>Names of GPU resources.</summary>
    public ResourcesSection Resources { get; } = new();

    /// <summary>Which GPUs are broken.</summary>
    public HealthSection Health { get; } = new();

    /// <summary>The connection to the API server.</summary>
    public KubernetesSection Kubernetes { get; } = new();

    /// <summary>Which of several replicas answers and binds.</summary>
    public LeaderElectionSection LeaderElection { get; } = new();

    /// <summary>Choosing nodes for waiting pods before kube-scheduler asks.</summary>
    public NominationSection Nomination { get; } = new();

    /// <summary>Pods that start together.</summary>
    public GangSection Gangs { get; } = new();

    /// <summary>Where metrics and traces are sent.</summary>
    public TelemetrySection Telemetry { get; } = new();
}

/// <summary>The HTTP server.</summary>
public sealed class ServerSection
{
    /// <summary>Addresses to listen on.</summary>
    public IReadOnlyList<string> Urls { get; set; } = ["http://127.0.0.1:8888"];

    /// <summary>Addresses for everything but the verbs; none to answer it at <see cref="Urls"/> too.</summary>
    public IReadOnlyList<string> ApiUrls { get; set; } = [];

    /// <summary>Largest request body, in MiB.</summary>
    public int MaxBodyMiB { get; set; } = 64;

    /// <summary>Most connections at a time.</summary>
    public int MaxConnections { get; set; } = 1024;

    /// <summary>Most headers of a request.</summary>
    public int MaxHeaders { get; set; } = 100;

    /// <summary>Largest request headers together, in KiB.</summary>
    public int MaxHeaderKiB { get; set; } = 32;

    /// <summary>Sustained reads per second of one address, verbs and health excepted; 0 for no limit.</summary>
    public int ReadsPerSecond { get; set; } = 200;

    /// <summary>How long an idle connection is kept.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>How long calls in flight may take to end when the service stops.</summary>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(20);
}

/// <summary>Certificates of the HTTP server, all PEM.</summary>
public sealed class TlsSection
{
    /// <summary>File of the certificate and those between it and its authority; empty without https.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>File of its private key.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>File of the authorities of client certificates; empty to ask for none.</summary>
    public string ClientCaFile { get; set; } = "";

    /// <summary>Common names and DNS names of client certificates that may call the verbs; none for any.</summary>
    public IReadOnlyList<string> ClientNames { get; set; } = [];
}

/// <summary>Who may read metrics, dashboard data and the read API. Health is for everybody, and the verbs ask for certificates instead.</summary>
public sealed class AccessSection
{
    /// <summary>File of bearer tokens that may read, one a line; empty for none.</summary>
    public string TokenFile { get; set; } = "";

    /// <summary>Whether the API server's own tokens may, when their users may <c>get</c> the path.</summary>
    public bool TokenReview { get; set; }

    /// <summary>Whom such tokens must be meant for; empty for the API server itself.</summary>
    public IReadOnlyList<string> Audiences { get; set; } = [];

    /// <summary>Whether a token is needed at all.</summary>
    public bool IsRestricted => TokenFile.Length > 0 || TokenReview;
}

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>One JSON object per line.</summary>
    Json,
}

/// <summary>The log.</summary>
public sealed class LoggingSection
{
    /// <summary>The least severe lines that are written.</summary>
    public LogLevel Level { get; set; } = LogLevel.Information;

    /// <summary>How lines look.</summary>
    public LogFormat Format { get; set; }
}

/// <summary>Where nodes and pods come from, and the ledger of them.</summary>
public sealed class ClusterSection
{
    /// <summary>What a <see cref="Source"/> that is a file begins with.</summary>
    public const string FilePrefix = "file:";

    /// <summary><c>auto</c>, <c>embedded</c>, <c>kubernetes</c> or <c>file:PATH</c>.</summary>
    public string Source { get; set; } = "auto";

    /// <summary>Nodes of the embedded cluster.</summary>
    public int Nodes { get; set; } = 200;

    /// <summary>The embedded cluster's seed.</summary>
    public long Seed { get; set; } = 1;

    /// <summary>How much of the embedded cluster's GPUs is in use at the start, 0..1.</summary>
    public double Load { get; set; }

    /// <summary>Whether made-up pods come and go on the embedded cluster.</summary>
    public bool Demo { get; set; }

    /// <summary>Whether the embedded cluster's MIG nodes make instances as pods need them.</summary>
    public bool DynamicMig { get; set; }

    /// <summary>How long a bound pod is believed in without the watch confirming it.</summary>
    public TimeSpan AssumedLifetime { get; set; } = TimeSpan.FromSeconds(60);
}

/// <summary>How nodes are scored.</summary>
public sealed class ScoringSection
{
    /// <summary>The strategy's name.</summary>
    public string Strategy { get; set; } = "ResidualValue";

    /// <summary>Weight of CPU.</summary>
    public float CpuWeight { get; set; } = 1;

    /// <summary>Weight of memory.</summary>
    public float MemoryWeight { get; set; } = 1;

    /// <summary>Weight of the GPU resources a pod asks for.</summary>
    public float GpuWeight { get; set; } = 5;

    /// <summary>Points of RequestedToCapacityRatio's line.</summary>
    public IReadOnlyList<UtilizationScore> Shape { get; set; } = [new(0, 0), new(100, 10)];
}

/// <summary>A point of RequestedToCapacityRatio's line.</summary>
/// <param name="Utilization">Percent in use, 0..100.</param>
/// <param name="Score">0..10.</param>
public readonly record struct UtilizationScore(int Utilization, int Score);

/// <summary>How kube-scheduler's calls are answered.</summary>
public sealed class ExtenderSection
{
    /// <summary>Path in front of the verbs; the end of <c>urlPrefix</c> in kube-scheduler's configuration.</summary>
    public string Path { get; set; } = ExtenderEndpoints.DefaultPrefix;

    /// <summary>Whether nodes that only we reject are reported in <c>FailedNodes</c>.</summary>
    public bool ReportExtenderOnlyAsResolvable { get; set; }

    /// <summary>Most nodes that filter returns; 0 for all.</summary>
    public int Shortlist { get; set; } = 16;

    /// <summary>Pod shapes whose answers are kept.</summary>
    public int RememberedShapes { get; set; } = 128;

    /// <summary>Pods that bind can look up.</summary>
    public int RememberedPods { get; set; } = 2048;

    /// <summary>Calls kept to explain decisions with.</summary>
    public int RememberedCalls { get; set; } = 1024;
}

/// <summary>Node labels that place a node in the network.</summary>
public sealed class TopologySection
{
    /// <summary>Named sets of label keys.</summary>
    public IReadOnlyList<string> Presets { get; set; } = ["kubernetes", "topograph-0"];

    /// <summary>Label keys, farthest first, instead of the presets.</summary>
    public IReadOnlyList<string> Levels { get; set; } = [];
}

/// <summary>Names of GPU resources.</summary>
public sealed class ResourcesSection
{
    /// <summary>Kinds of GPU resources by name, besides the vendors' own.</summary>
    public IReadOnlyDictionary<string, GpuResourceKind> Gpus { get; set; } = new Dictionary<string, GpuResourceKind>();

    /// <summary>File of MIG geometries that go over the built-in ones; empty for none.</summary>
    public string MigGeometries { get; set; } = "";
}

/// <summary>Which GPUs are broken.</summary>
public sealed class HealthSection
{
    /// <summary>Node conditions, as <c>TYPE=STATUS</c>, under which no GPU of a node is given out.</summary>
    public IReadOnlyList<string> UnhealthyConditions { get; set; } = DeviceHealth.DefaultConditions;

    /// <summary>Whether gpushare's ConfigMaps are followed.</summary>
    public bool GpushareConfigMaps { get; set; }
}

/// <summary>The connection to the API server.</summary>
public sealed class KubernetesSection
{
    /// <summary>Kubeconfig file; empty for <c>KUBECONFIG</c>, then <c>~/.kube/config</c>, then the pod's service account.</summary>
    public string Kubeconfig { get; set; } = "";

    /// <summary>Context in it; empty for the current one.</summary>
    public string Context { get; set; } = "";

    /// <summary>How long a single call may take.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a watch may stay silent.</summary>
    public TimeSpan WatchIdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Sustained writes per second; 0 for no limit.</summary>
    public int WritesPerSecond { get; set; } = 2000;

    /// <summary>Writes that may be made at once.</summary>
    public int WriteBurst { get; set; } = 4000;
}

/// <summary>Which of several replicas answers and binds.</summary>
public sealed class LeaderElectionSection
{
    /// <summary>Whether there are several.</summary>
    public bool Enabled { get; set; }

    /// <summary>Name of the Lease.</summary>
    public string LeaseName { get; set; } = "gpu-scheduler-extender";

    /// <summary>Namespace of the Lease; empty for the pod's own.</summary>
    public string LeaseNamespace { get; set; } = "";

    /// <summary>How long others wait after the last renewal.</summary>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the leader tries to renew before it gives up.</summary>
    public TimeSpan RenewDeadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between tries.</summary>
    public TimeSpan RetryPeriod { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>Choosing nodes for waiting pods before kube-scheduler asks.</summary>
public sealed class NominationSection
{
    /// <summary>Whether it is done.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Pods of these schedulers.</summary>
    public IReadOnlyList<string> SchedulerNames { get; set; } = ["gpu-scheduler"];

    /// <summary>Least number of waiting pods for which there is a place.</summary>
    public int MinWaiting { get; set; } = 4;

    /// <summary>Sustained nominations per second.</summary>
    public int WritesPerSecond { get; set; } = 1000;

    /// <summary>Whether filter waits for nominations that kube-scheduler would overtake.</summary>
    public bool HoldFilter { get; set; } = true;
}

/// <summary>Pods that start together.</summary>
public sealed class GangSection
{
    /// <summary>How long the first pod of a gang that comes to be bound waits for the others.</summary>
    public TimeSpan BindWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a gang waits before nodes are kept for it; zero for never, because everybody else pays for it.</summary>
    public TimeSpan ReserveAfter { get; set; }
}

/// <summary>Where metrics and traces are sent; <c>/metrics</c> is always there.</summary>
public sealed class TelemetrySection
{
    /// <summary>Endpoint of an OTLP collector; empty to go by <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, and to send nothing when it is not set either.</summary>
    public string OtlpEndpoint { get; set; } = "";
}
