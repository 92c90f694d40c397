using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using static GpuScheduler.Server.Options.OptionValues;

namespace GpuScheduler.Server.Options;

/// <summary>All options there are.</summary>
public static class OptionCatalog
{
    /// <summary>What each section is about, in the order in which they are printed.</summary>
    public static IReadOnlyList<(string Name, string Description)> Sections { get; } =
    [
        ("server", "The HTTP server."),
        ("tls", "Certificates for https addresses in server.urls. Files are read again when they change."),
        ("access", "Who may read metrics, dashboard data and the read API. Health needs nothing; the verbs ask for client certificates instead (tls)."),
        ("logging", "The log, on standard error."),
        ("cluster", "Where nodes and pods come from, and how long the ledger believes in a placement."),
        ("scoring", "How nodes are scored."),
        ("extender", "How kube-scheduler's calls are answered."),
        ("topology", "Node labels that say where a node is in the network."),
        ("resources", "Which extended resources are GPUs."),
        ("health", "Which GPUs are broken, besides what annotations of nodes say."),
        ("kubernetes", "The connection to the API server (cluster.source kubernetes)."),
        ("leaderElection", "Running several replicas (cluster.source kubernetes)."),
        ("nomination", "Choosing nodes for waiting pods before kube-scheduler asks (cluster.source kubernetes, from Kubernetes 1.24)."),
        ("gangs", "Pods that start together or not at all."),
        ("telemetry", "Metrics and traces sent by OTLP; /metrics is there in any case."),
    ];

    /// <summary>Every option, by section in the order of <see cref="Sections"/>.</summary>
    public static IReadOnlyList<OptionSpec> All { get; } =
    [
        new ListSpec<string>(
            "server.urls", Url, "Addresses to listen on. Use 0.0.0.0 or [::] to be reachable from other machines.",
            o => o.Server.Urls, (o, v) => o.Server.Urls = v),
        new ListSpec<string>(
            "server.apiUrls", Url,
            "Addresses for metrics, dashboard and read API. When given, server.urls answers the verbs and health alone, and these never the verbs.",
            o => o.Server.ApiUrls, (o, v) => o.Server.ApiUrls = v),
        new ScalarSpec<int>(
            "server.maxBodyMiB", Whole(1, 1024),
            "Largest request body in MiB. 5,000 full Node objects are about 41 MiB; with nodeCacheCapable: true bodies stay far below one.",
            o => o.Server.MaxBodyMiB, (o, v) => o.Server.MaxBodyMiB = v),
        new ScalarSpec<int>(
            "server.maxConnections", Whole(1, 1_000_000), "Most connections at a time, at most half of them to server.apiUrls; further ones are closed.",
            o => o.Server.MaxConnections, (o, v) => o.Server.MaxConnections = v),
        new ScalarSpec<int>(
            "server.maxHeaders", Whole(10, 10_000), "Most headers of a request; one with more is answered 431.",
            o => o.Server.MaxHeaders, (o, v) => o.Server.MaxHeaders = v),
        new ScalarSpec<int>(
            "server.maxHeaderKiB", Whole(4, 1024), "Largest headers of a request together, in KiB; one with larger ones is answered 431.",
            o => o.Server.MaxHeaderKiB, (o, v) => o.Server.MaxHeaderKiB = v),
        new ScalarSpec<int>(
            "server.readsPerSecond", Whole(0, 100_000),
            "Sustained reads per second of one address, twice as many at once; further ones are answered 429. 0 for no limit. Verbs and health have none.",
            o => o.Server.ReadsPerSecond, (o, v) => o.Server.ReadsPerSecond = v),
        new ScalarSpec<TimeSpan>(
            "server.keepAlive", Duration(Seconds(1), Hours(1)),
            "How long an idle connection stays open. Longer than the 90s after which kube-scheduler drops it, so that it never meets a closed one.",
            o => o.Server.KeepAlive, (o, v) => o.Server.KeepAlive = v),
        new ScalarSpec<TimeSpan>(
            "server.shutdownTimeout", Duration(TimeSpan.Zero, Hours(1)), "How long calls in flight may take to end when the service stops.",
            o => o.Server.ShutdownTimeout, (o, v) => o.Server.ShutdownTimeout = v),

        new ScalarSpec<string>(
            "tls.certificateFile", Any("a file name"), "The server's certificate in PEM, followed by those between it and its authority.",
            o => o.Tls.CertificateFile, (o, v) => o.Tls.CertificateFile = v),
        new ScalarSpec<string>(
            "tls.keyFile", Any("a file name"), "Its private key in PEM, not encrypted.", o => o.Tls.KeyFile, (o, v) => o.Tls.KeyFile = v),
        new ScalarSpec<string>(
            "tls.clientCaFile", Any("a file name"),
            "Authorities in PEM. When set, filter, prioritize, preempt and bind answer only callers with a client certificate signed by one; everything else needs none.",
            o => o.Tls.ClientCaFile, (o, v) => o.Tls.ClientCaFile = v),
        new ListSpec<string>(
            "tls.clientNames", Any("a common name or DNS name"), "Whose client certificates are accepted; empty for all that tls.clientCaFile has signed.",
            o => o.Tls.ClientNames, (o, v) => o.Tls.ClientNames = v),

        new ScalarSpec<string>(
            "access.tokenFile", Any("a file name"),
            "File of bearer tokens that may read, one a line, # begins a comment. It is read again when it changes. Empty for none.",
            o => o.Access.TokenFile, (o, v) => o.Access.TokenFile = v),
        new ScalarSpec<bool>(
            "access.tokenReview", Flag,
            "Whether tokens of the API server (TokenReview) may read, when their user may get the path (SubjectAccessReview of a nonResourceURL). It needs the role in deploy/components/token-review.",
            o => o.Access.TokenReview, (o, v) => o.Access.TokenReview = v),
        new ListSpec<string>(
            "access.audiences", Any("an audience"), "Whom such tokens must be meant for, at least one of them; empty for the API server itself.",
            o => o.Access.Audiences, (o, v) => o.Access.Audiences = v),

        new ScalarSpec<LogLevel>(
            "logging.level",
            OneOf(
                ("trace", LogLevel.Trace), ("debug", LogLevel.Debug), ("info", LogLevel.Information), ("warning", LogLevel.Warning),
                ("error", LogLevel.Error), ("none", LogLevel.None)),
            "The least severe lines that are written.", o => o.Logging.Level, (o, v) => o.Logging.Level = v),
        new ScalarSpec<LogFormat>(
            "logging.format", OneOf(("text", LogFormat.Text), ("json", LogFormat.Json)), "Lines for people, or one JSON object per line.",
            o => o.Logging.Format, (o, v) => o.Logging.Format = v),

        new ScalarSpec<string>(
            "cluster.source", ClusterSource,
            "auto takes the cluster around the pod or that of the kubeconfig if there is one, else the embedded one. "
            + "file: reads kubectl get nodes,pods -A -o json (or yaml), or an openb node list (.csv).",
            o => o.Cluster.Source, (o, v) => o.Cluster.Source = v),
        new ScalarSpec<int>(
            "cluster.nodes", Whole(0, 100_000), "How many nodes the embedded cluster has.", o => o.Cluster.Nodes, (o, v) => o.Cluster.Nodes = v),
        new ScalarSpec<long>(
            "cluster.seed", Seed, "Which of all embedded clusters: the same seed gives the same nodes.",
            o => o.Cluster.Seed, (o, v) => o.Cluster.Seed = v),
        new ScalarSpec<double>(
            "cluster.load", Fraction, "How much of the embedded cluster's GPUs running pods hold at the start.",
            o => o.Cluster.Load, (o, v) => o.Cluster.Load = v),
        new ScalarSpec<bool>(
            "cluster.demo", Flag, "Whether made-up pods come and go on the embedded cluster, which auto then means.",
            o => o.Cluster.Demo, (o, v) => o.Cluster.Demo = v),
        new ScalarSpec<bool>(
            "cluster.dynamicMig", Flag, "Whether the embedded cluster's MIG nodes make instances as pods need them; otherwise their layouts are fixed.",
            o => o.Cluster.DynamicMig, (o, v) => o.Cluster.DynamicMig = v),
        new ScalarSpec<TimeSpan>(
            "cluster.assumedLifetime", Duration(Seconds(1), Hours(1)),
            "How long a pod we bound holds its place without the watch confirming it.",
            o => o.Cluster.AssumedLifetime, (o, v) => o.Cluster.AssumedLifetime = v),

        new ScalarSpec<string>(
            "scoring.strategy", NameOf([.. PackingPolicies.Names, "PackGpus", "MostAllocated", "LeastAllocated", "BalancedAllocation", "RequestedToCapacityRatio"]),
            "What makes a node good. ResidualValue learns what pods ask for and takes the place that costs the pods to come least; PackGpus just fills GPUs before it opens new ones; the others are published or kube-scheduler's.",
            o => o.Scoring.Strategy, (o, v) => o.Scoring.Strategy = v),
        new ScalarSpec<float>(
            "scoring.cpuWeight", Weight, "Weight of CPU in kube-scheduler's strategies (MostAllocated and after).", o => o.Scoring.CpuWeight, (o, v) => o.Scoring.CpuWeight = v),
        new ScalarSpec<float>(
            "scoring.memoryWeight", Weight, "Weight of memory in kube-scheduler's strategies (MostAllocated and after).",
            o => o.Scoring.MemoryWeight, (o, v) => o.Scoring.MemoryWeight = v),
        new ScalarSpec<float>(
            "scoring.gpuWeight", Weight, "Weight of the GPU resources a pod asks for in kube-scheduler's strategies (MostAllocated and after).",
            o => o.Scoring.GpuWeight, (o, v) => o.Scoring.GpuWeight = v),
        new ListSpec<UtilizationScore>(
            "scoring.shape", ShapePoint, "Points of the line from utilisation to score of RequestedToCapacityRatio, by rising utilisation.",
            o => o.Scoring.Shape, (o, v) => o.Scoring.Shape = v),

        new ScalarSpec<string>(
            "extender.path", UrlPath, "Path in front of the verbs filter, prioritize, preempt and bind; urlPrefix in kube-scheduler's configuration ends with it.",
            o => o.Extender.Path, (o, v) => o.Extender.Path = v),
        new ScalarSpec<bool>(
            "extender.reportExtenderOnlyAsResolvable", Flag,
            "Whether nodes that only this extender rejects are reported in FailedNodes, so that preemption is tried there. Leave it false up to "
            + "Kubernetes 1.36, whose preemption fails on such nodes.",
            o => o.Extender.ReportExtenderOnlyAsResolvable, (o, v) => o.Extender.ReportExtenderOnlyAsResolvable = v),
        new ScalarSpec<int>(
            "extender.shortlist", Whole(0, 100_000), "Filter returns at most so many nodes, the best ones, so that kube-scheduler scores few; 0 returns all that fit. Take 0 when another extender filters after this one.",
            o => o.Extender.Shortlist, (o, v) => o.Extender.Shortlist = v),
        new ScalarSpec<int>(
            "extender.rememberedShapes", Whole(1, 100_000), "Pod shapes whose answers are kept while they are true.",
            o => o.Extender.RememberedShapes, (o, v) => o.Extender.RememberedShapes = v),
        new ScalarSpec<int>(
            "extender.rememberedPods", Whole(1, 1_000_000), "Pods that bind can still look up after filter showed them; the watch makes it unnecessary.",
            o => o.Extender.RememberedPods, (o, v) => o.Extender.RememberedPods = v),
        new ScalarSpec<int>(
            "extender.rememberedCalls", Whole(0, 100_000), "Calls kept to explain decisions with (GET /api/v1/decisions); 0 keeps none.",
            o => o.Extender.RememberedCalls, (o, v) => o.Extender.RememberedCalls = v),

        new ListSpec<string>(
            "topology.presets", NameOf(TopologyLevels.PresetNames), "Which vendors' label keys are read, farthest level first; nvidia.com/gpu.clique is always added as the innermost.",
            o => o.Topology.Presets, (o, v) => o.Topology.Presets = v),
        new ListSpec<string>(
            "topology.levels", LabelKey, "Label keys, farthest level first, instead of the presets; an empty list leaves it to the presets.",
            o => o.Topology.Levels, (o, v) => o.Topology.Levels = v),

        new MapSpec<GpuResourceKind>(
            "resources.gpus",
            OneOf([.. Enum.GetValues<GpuResourceKind>().Where(kind => kind != GpuResourceKind.None).Select(kind => (kind.ToString(), kind))]),
            "Renamed GPU resources and what one unit of each is, besides the vendors' own names. List them in kube-scheduler's managedResources too.",
            o => o.Resources.Gpus, (o, v) => o.Resources.Gpus = v),
        new ScalarSpec<string>(
            "resources.migGeometries", Any("a file path"),
            "File (YAML or JSON) of GPUs whose MIG profiles and placements go over the built-in ones; empty for those alone. Its form: src/GpuScheduler.Core/Mig/README.md.",
            o => o.Resources.MigGeometries, (o, v) => o.Resources.MigGeometries = v),

        new ListSpec<string>(
            "health.unhealthyConditions", NodeCondition, "Node conditions under which no GPU of a node is given out; an empty list heeds none.",
            o => o.Health.UnhealthyConditions, (o, v) => o.Health.UnhealthyConditions = v),
        new ScalarSpec<bool>(
            "health.gpushareConfigMaps", Flag,
            "Whether the ConfigMaps unhealthy-gpu-NODE of gpushare in kube-system are followed (cluster.source kubernetes). It needs the role in deploy/components/gpushare-health.",
            o => o.Health.GpushareConfigMaps, (o, v) => o.Health.GpushareConfigMaps = v),

        new ScalarSpec<string>(
            "kubernetes.kubeconfig", Any("a file path"), "Kubeconfig file; empty takes KUBECONFIG, then the pod's service account, then ~/.kube/config.",
            o => o.Kubernetes.Kubeconfig, (o, v) => o.Kubernetes.Kubeconfig = v),
        new ScalarSpec<string>(
            "kubernetes.context", Any("a context's name"), "Context in the kubeconfig; empty takes its current one.",
            o => o.Kubernetes.Context, (o, v) => o.Kubernetes.Context = v),
        new ScalarSpec<TimeSpan>(
            "kubernetes.requestTimeout", Duration(Seconds(1), Hours(1)), "How long a single call may take.",
            o => o.Kubernetes.RequestTimeout, (o, v) => o.Kubernetes.RequestTimeout = v),
        new ScalarSpec<TimeSpan>(
            "kubernetes.watchIdleTimeout", Duration(Seconds(10), Hours(1)),
            "How long a watch may stay silent before it is opened anew. Bookmarks come about once a minute.",
            o => o.Kubernetes.WatchIdleTimeout, (o, v) => o.Kubernetes.WatchIdleTimeout = v),
        new ScalarSpec<int>(
            "kubernetes.writesPerSecond", Whole(0, 100_000), "Sustained writes (binds, events) per second; 0 for no limit.",
            o => o.Kubernetes.WritesPerSecond, (o, v) => o.Kubernetes.WritesPerSecond = v),
        new ScalarSpec<int>(
            "kubernetes.writeBurst", Whole(1, 100_000), "Writes that may be made at once before writesPerSecond applies.",
            o => o.Kubernetes.WriteBurst, (o, v) => o.Kubernetes.WriteBurst = v),

        new ScalarSpec<bool>(
            "leaderElection.enabled", Flag, "Whether replicas elect one that is ready and binds; the others keep warm.",
            o => o.LeaderElection.Enabled, (o, v) => o.LeaderElection.Enabled = v),
        new ScalarSpec<string>(
            "leaderElection.leaseName", ObjectName, "Name of the Lease they elect by.",
            o => o.LeaderElection.LeaseName, (o, v) => o.LeaderElection.LeaseName = v),
        new ScalarSpec<string>(
            "leaderElection.leaseNamespace", Any("a namespace"), "Namespace of the Lease; empty takes the pod's own.",
            o => o.LeaderElection.LeaseNamespace, (o, v) => o.LeaderElection.LeaseNamespace = v),
        new ScalarSpec<TimeSpan>(
            "leaderElection.leaseDuration", Duration(Seconds(1), Hours(1)), "How long the others wait after the last renewal before one takes over.",
            o => o.LeaderElection.LeaseDuration, (o, v) => o.LeaderElection.LeaseDuration = v),
        new ScalarSpec<TimeSpan>(
            "leaderElection.renewDeadline", Duration(Seconds(1), Hours(1)),
            "How long the leader tries to renew before it stops leading; less than leaseDuration.",
            o => o.LeaderElection.RenewDeadline, (o, v) => o.LeaderElection.RenewDeadline = v),
        new ScalarSpec<TimeSpan>(
            "leaderElection.retryPeriod", Duration(TimeSpan.FromMilliseconds(100), Hours(1)),
            "Time between tries; renewDeadline is more than 1.2 times as long.",
            o => o.LeaderElection.RetryPeriod, (o, v) => o.LeaderElection.RetryPeriod = v),

        new ScalarSpec<bool>(
            "nomination.enabled", Flag,
            "Whether status.nominatedNodeName of waiting pods is set while a queue stands, so that kube-scheduler checks one node instead of all.",
            o => o.Nomination.Enabled, (o, v) => o.Nomination.Enabled = v),
        new ListSpec<string>(
            "nomination.schedulerNames", ObjectName, "Pods of these schedulers (spec.schedulerName): the profiles that call this extender. Pods of others do not count for gangs.",
            o => o.Nomination.SchedulerNames, (o, v) => o.Nomination.SchedulerNames = v),
        new ScalarSpec<int>(
            "nomination.minWaiting", Whole(1, 100_000), "Least number of waiting pods for which there is a place; fewer are left to kube-scheduler alone, for ten seconds.",
            o => o.Nomination.MinWaiting, (o, v) => o.Nomination.MinWaiting = v),
        new ScalarSpec<int>(
            "nomination.writesPerSecond", Whole(1, 100_000), "Sustained nominations per second, besides kubernetes.writesPerSecond.",
            o => o.Nomination.WritesPerSecond, (o, v) => o.Nomination.WritesPerSecond = v),
        new ScalarSpec<bool>(
            "nomination.holdFilter", Flag,
            "Whether filter keeps an answer about a nominated pod back (12 us a node, 0.1 s at most) while the nominations behind it are being written and kube-scheduler would overtake them.",
            o => o.Nomination.HoldFilter, (o, v) => o.Nomination.HoldFilter = v),

        new ScalarSpec<TimeSpan>(
            "gangs.bindWait", Duration(TimeSpan.FromMilliseconds(100), Hours(1)),
            "How long the first pod of a gang that comes to be bound waits for the others before all are sent back. kube-scheduler's httpTimeout must be at least 15 s longer.",
            o => o.Gangs.BindWait, (o, v) => o.Gangs.BindWait = v),
        new ScalarSpec<TimeSpan>(
            "gangs.reserveAfter", Duration(TimeSpan.Zero, Hours(24 * 7)),
            "How long a whole gang waits before nodes are kept for it, as many as it needs: no pod or gang behind it gets GPUs there, so that it does not wait for ever, and everybody else waits longer. 0s for never.",
            o => o.Gangs.ReserveAfter, (o, v) => o.Gangs.ReserveAfter = v),

        new ScalarSpec<string>(
            "telemetry.otlpEndpoint", OtlpEndpoint,
            "Where metrics and traces are sent by OTLP; empty goes by OTEL_EXPORTER_OTLP_ENDPOINT. The other OTEL_ variables hold as well.",
            o => o.Telemetry.OtlpEndpoint, (o, v) => o.Telemetry.OtlpEndpoint = v),
    ];

    /// <summary>The option of that path; null when there is none.</summary>
    public static OptionSpec? Find(string path) => All.FirstOrDefault(spec => spec.Path == path);

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan Hours(int hours) => TimeSpan.FromHours(hours);
}
