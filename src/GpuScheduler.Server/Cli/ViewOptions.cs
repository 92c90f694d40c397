using System.CommandLine;
using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Cli;

/// <summary>The options by which a command says whom it asks and how it shows the answer.</summary>
internal sealed class ViewOptions
{
    private const string ServerVariable = "GPU_SCHEDULER_SERVER";
    private const string UsualServer = "http://127.0.0.1:8888";

    private readonly Option<string> _server = new("--server", "-s")
    {
        HelpName = "URL",
        Description = $"The running service to ask. [default: {ServerVariable}, else {UsualServer}]",
    };

    private readonly Option<string> _kubeconfig = new("--kubeconfig")
    {
        HelpName = "FILE",
        Description = "Ask no service: list the nodes and pods of this cluster once, and answer from them. Reads only.",
    };

    private readonly Option<string> _context = new("--context") { HelpName = "NAME", Description = "The same with this context of the kubeconfig." };

    private readonly Option<string> _cluster = new("--cluster")
    {
        HelpName = "file:PATH",
        Description = "Ask no service: answer from a file, as kubectl get nodes,pods -A -o json or GET /api/v1/snapshot writes it.",
    };

    private readonly Option<string> _config = new("--config", "-c")
    {
        HelpName = "FILE",
        Description = "Options of the scheduler (gpu-scheduler config), for --kubeconfig, --context and --cluster.",
    };

    private readonly Option<string> _output = new("--output", "-o")
    {
        HelpName = "FORMAT",
        Description = "table, wide, json or yaml.",
        DefaultValueFactory = _ => "table",
    };

    public ViewOptions() => _output.AcceptOnlyFromAmong("table", "wide", "json", "yaml");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new[] { _server, _kubeconfig, _context, _cluster, _config, _output }) command.Options.Add(option);
    }

    /// <summary>How the answer is shown.</summary>
    public OutputFormat FormatOf(ParseResult parsed) => parsed.GetValue(_output) switch
    {
        "json" => OutputFormat.Json,
        "yaml" => OutputFormat.Yaml,
        "wide" => OutputFormat.Wide,
        _ => OutputFormat.Table,
    };

    /// <summary>Opens what the command line names.</summary>
    /// <exception cref="ViewException">It cannot be.</exception>
    public async Task<IClusterView> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (kubeconfig, context, cluster) = (parsed.GetValue(_kubeconfig), parsed.GetValue(_context), parsed.GetValue(_cluster));
        if (kubeconfig is null && context is null && cluster is null) return new ServerView(ServerOf(parsed));
        if (parsed.GetValue(_server) is not null) throw new ViewException("--server goes with none of --kubeconfig, --context and --cluster: name one source");
        var options = OptionsOf(parsed);
        try
        {
            if (cluster is not null) return Report(ClusterFile.Read(FileOf(cluster), new GpuResourceCatalog(options.Resources.Gpus)), options);
            (options.Kubernetes.Kubeconfig, options.Kubernetes.Context) = (kubeconfig ?? options.Kubernetes.Kubeconfig, context ?? options.Kubernetes.Context);
            return Report(await KubernetesListing.LoadAsync(options, cancellation), options);
        }
        catch (ClusterSourceException problem)
        {
            throw new ViewException(problem.Message);
        }
    }

    private static LocalView Report(LoadedCluster cluster, GpuSchedulerOptions options)
    {
        foreach (var problem in cluster.Problems) Console.Error.WriteLine($"warning: {problem}");
        return new LocalView(cluster, options);
    }

    private static string FileOf(string cluster) =>
        cluster.StartsWith(ClusterSection.FilePrefix, StringComparison.Ordinal) ? cluster[ClusterSection.FilePrefix.Length..] : cluster;

    private Uri ServerOf(ParseResult parsed)
    {
        var text = parsed.GetValue(_server) ?? (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } set ? set : UsualServer);
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : throw new ViewException($"--server: '{text}' is not an http or https URL; write for example {UsualServer}");
    }

    private GpuSchedulerOptions OptionsOf(ParseResult parsed)
    {
        var reading = new OptionsReading();
        if (parsed.GetValue(_config) is { } file) reading.ReadFile(file);
        return reading.Problems.Count == 0 ? reading.Options : throw new ViewException(string.Join("; ", reading.Problems));
    }
}

/// <summary>How an answer is shown.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For people with wide screens.</summary>
    Wide,

    /// <summary>As the service answers.</summary>
    Json,

    /// <summary>The same as YAML.</summary>
    Yaml,
}
