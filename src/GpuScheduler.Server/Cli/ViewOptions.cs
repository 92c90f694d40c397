using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Commands;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Cli;

/// <summary>The options by which a command says whom it asks and how it shows the answer.</summary>
internal sealed class ViewOptions
{
    private const string ServerVariable = "GPU_SCHEDULER_SERVER";
    private const string TokenVariable = "GPU_SCHEDULER_TOKEN";
    private const string UsualServer = "http://127.0.0.1:8888";

    private readonly Option<string> _server = new("--server", "-s")
    {
        HelpName = "URL",
        Description = $"The running service to ask. [default: {ServerVariable}, else {UsualServer}]",
    };

    private readonly Option<string> _token = new("--token")
    {
        HelpName = "TOKEN",
        Description = $"Bearer token for a service that asks for one. Others of this machine can see a command line: --token-file is safer. [default: {TokenVariable}]",
    };

    private readonly Option<string> _tokenFile = new("--token-file") { HelpName = "FILE", Description = "The same from a file." };

    private readonly Option<string> _authority = new("--certificate-authority")
    {
        HelpName = "FILE",
        Description = "Authorities in PEM to trust for an https service, instead of the machine's own.",
    };

    private readonly Option<string> _kubeconfig = new("--kubeconfig")
    {
        HelpName = "FILE",
        Description = "Ask no service: list the nodes, pods and PodGroups of this cluster once, and answer from them. Reads only.",
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

    public ViewOptions() => _output.AcceptOnly("table", "wide", "json", "yaml");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new[] { _server, _token, _tokenFile, _authority, _kubeconfig, _context, _cluster, _config, _output }) command.Options.Add(option);
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
        if (kubeconfig is null && context is null && cluster is null) return new ServerView(ServerOf(parsed), TokenOf(parsed), AuthoritiesOf(parsed));
        foreach (var option in new[] { _server, _token, _tokenFile, _authority })
        {
            if (parsed.GetValue(option) is not null) throw new ViewException($"{option.Name} goes with none of --kubeconfig, --context and --cluster: name one source");
        }

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

    private string? TokenOf(ParseResult parsed)
    {
        var (token, file) = (parsed.GetValue(_token), parsed.GetValue(_tokenFile));
        if (token is not null && file is not null) throw new ViewException("--token and --token-file: give one of them");
        if (file is null) return token ?? (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } set ? set : null);
        try
        {
            // A file of the service itself may be named: its first token is as good as any.
            return File.ReadLines(file).Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && line[0] != '#')
                ?? throw new ViewException($"--token-file: {file} holds no token");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ViewException($"--token-file: {problem.Message}");
        }
    }

    private X509Certificate2Collection? AuthoritiesOf(ParseResult parsed)
    {
        if (parsed.GetValue(_authority) is not { } file) return null;
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPemFile(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ViewException($"--certificate-authority: {file}: {problem.Message}");
        }

        return found.Count > 0 ? found : throw new ViewException($"--certificate-authority: {file} holds no certificate");
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
