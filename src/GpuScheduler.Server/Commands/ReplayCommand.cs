using System.CommandLine;
using System.Globalization;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;
using GpuScheduler.Simulation;
using GpuScheduler.Simulation.Generation;
using GpuScheduler.Simulation.Openb;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler replay</c>: what a packing policy makes of a cluster and a workload, without a Kubernetes.</summary>
internal sealed class ReplayCommand
{
    private readonly Option<string> _nodes = Text("--nodes", "FILE", "Nodes of the openb trace (CSV).");
    private readonly Option<string[]> _pods = Many("--pods", "FILE", "Pods of the openb trace (CSV); each file is a workload of its own.");
    private readonly Option<string> _cluster = Text(
        "--cluster", "FILE", "A cluster as kubectl get nodes,pods -A -o json (or yaml) writes it: its nodes, and without --pods its pods as the workload.");
    private readonly Option<string> _madeUp = Text(
        "--made-up", "NAMES", $"Made-up workloads with nodes of their own, separated by commas, or all: {string.Join(", ", MadeUpWorkloads.Names)}.");
    private readonly Option<string[]> _add = Many(
        "--add", "SHAPE", "Ask how many more pods fit into --cluster as it is, e.g. 'cpu=8 memory=64Gi gpu=1 x 20'; without 'x N' as many as fit.");
    private readonly Option<string> _policy = Text("--policy", "NAMES", $"Policies, separated by commas, or all: {string.Join(", ", PackingPolicies.Names)}.", "ResidualValue,Fgd");
    private readonly Option<string> _seeds = Text("--seeds", "RANGE", "Seeds, e.g. 42-51 or 1,2,7; each gives another order of pods and nodes.", "42-51");
    private readonly Option<string> _experiment = Text(
        "--experiment", "NAME", "inflation (fill an empty cluster), poisson (arrivals and departures at --load) or trace-times.", "inflation");
    private readonly Option<double> _arrive = Number("--arrive", "FACTOR", "inflation: GPU demand that arrives, in multiples of the cluster.", 1.3);
    private readonly Option<double> _load = Number("--load", "FACTOR", "poisson: GPU demand that would be present if nothing were lost, in multiples of the cluster.", 1);
    private readonly Option<double> _lifetimes = Number("--lifetimes", "NUMBER", "poisson: how long to measure, in mean lifetimes.", 5);
    private readonly Option<string> _ties = Text("--ties", "RULE", "Among equal nodes: first (as the published simulator) or random (as kube-scheduler).", "first");
    private readonly Option<string> _knowledge = Text(
        "--knowledge", "WHAT", "What policies know of the workload: as-meant (Fgd all, others what has arrived), learned or known.", "as-meant");
    private readonly Option<string[]> _set = Many("--set", "NAME=VALUE", "Change a constant of ResidualValue, e.g. TieMilli=1.");
    private readonly Option<int> _parallel = new("--parallel")
    {
        HelpName = "N",
        Description = "Runs at a time; the results do not depend on it.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<string> _out = Text("--out", "DIR", "Folder for results.json, results.csv, failed.csv, table.txt and charts (SVG).");
    private readonly Option<string> _json = Text("--json", "FILE", "File for the results as JSON: one record per workload, policy and seed.");
    private readonly Option<string> _published = Text("--published", "DIR", "Folder with published.csv and published-curves.csv to show beside the results.");

    private ReplayCommand()
    {
    }

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var replay = new ReplayCommand();
        var command = new ExampledCommand(
            "replay",
            "Replay a workload through the scheduler's own code and report how well policies pack it.",
            """
            gpu-scheduler replay --nodes openb_node_list_gpu_node.csv --pods openb_pod_list_default.csv --policy ResidualValue,Fgd --out results
            gpu-scheduler replay --nodes nodes.csv --pods a.csv --pods b.csv --policy all --seeds 42-51 --json results.json
            gpu-scheduler replay --nodes nodes.csv --pods a.csv --experiment poisson --load 0.9
            gpu-scheduler replay --made-up all --policy ResidualValue,Fgd,BestFit
            gpu-scheduler replay --cluster cluster.json --add 'cpu=8 memory=64Gi gpu=1 x 20'
            """)
        {
            replay._nodes, replay._pods, replay._cluster, replay._madeUp, replay._add, replay._policy, replay._seeds, replay._experiment, replay._arrive, replay._load,
            replay._lifetimes, replay._ties, replay._knowledge, replay._set, replay._parallel, replay._out, replay._json, replay._published,
        };
        command.SetAction(replay.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            var isQuestion = parsed.GetValue(_add) is { Length: > 0 };
            if (isQuestion) ReplayCommandRunner.Answer(Question(parsed), Console.Out, cancellation);
            else await ReplayCommandRunner.RunAsync(Options(parsed), new ConsoleProgress(), Console.Out, cancellation);
            return ExitCode.Success;
        }
        catch (TraceFormatException problem)
        {
            return Fail(problem.Message, ExitCode.Failed);
        }
        catch (FormatException problem)
        {
            return Fail(problem.Message, ExitCode.Usage);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ClusterSourceException)
        {
            return Fail(problem.Message, ExitCode.Failed);
        }
    }

    private CapacityQuestion Question(ParseResult parsed)
    {
        var cluster = ReadCluster(parsed.GetValue(_cluster) ?? throw new FormatException("--add needs --cluster FILE: the cluster to add the pods to"));
        return new CapacityQuestion
        {
            Nodes = cluster.Nodes,
            Pods = cluster.Pods,
            Add = [.. parsed.GetValue(_add)!.Select(text => ShapeText.Parse(text, GpuResourceCatalog.Default))],
            Policies = Policies(parsed.GetValue(_policy)!),
        };
    }

    private ReplayOptions Options(ParseResult parsed)
    {
        var cluster = parsed.GetValue(_cluster) is { } file ? ReadCluster(file) : null;
        var madeUp = MadeUp(parsed.GetValue(_madeUp));
        return new ReplayOptions
        {
            Plan = new ReplayPlan
            {
                Nodes = cluster?.Nodes ?? (madeUp.Count > 0 ? []
                    : ReadNodes(parsed.GetValue(_nodes) ?? throw new FormatException("name the nodes with --nodes FILE or --cluster FILE"))),
                Workloads = madeUp.Count > 0 ? madeUp : Workloads(parsed.GetValue(_pods) ?? [], cluster, parsed.GetValue(_cluster)),
                Policies = Policies(parsed.GetValue(_policy)!),
                Seeds = Seeds(parsed.GetValue(_seeds)!),
                Experiment = Choice(_experiment, parsed, ("inflation", ReplayExperiment.Inflation), ("poisson", ReplayExperiment.Poisson), ("trace-times", ReplayExperiment.TraceTimes)),
                Arrive = Positive(_arrive, parsed),
                Load = Positive(_load, parsed),
                Lifetimes = Positive(_lifetimes, parsed),
                Ties = Choice(_ties, parsed, ("first", TiedNodes.First), ("random", TiedNodes.Random)),
                Knowledge = Choice(_knowledge, parsed, ("as-meant", WorkloadKnowledge.AsMeant), ("learned", WorkloadKnowledge.Learned), ("known", WorkloadKnowledge.Known)),
                Constants = ReplayArguments.Constants(parsed.GetValue(_set) ?? []),
            },
            Parallelism = parsed.GetValue(_parallel) is >= 1 and var threads ? threads : throw new FormatException("--parallel must be at least 1"),
            OutFolder = parsed.GetValue(_out),
            JsonFile = parsed.GetValue(_json),
            PublishedFolder = parsed.GetValue(_published),
        };
    }

    private static LoadedCluster ReadCluster(string file)
    {
        var cluster = ClusterFile.Read(file, GpuResourceCatalog.Default);
        foreach (var problem in cluster.Problems) Console.Error.WriteLine($"warning: {problem}");
        return cluster;
    }

    private static IReadOnlyList<Node> ReadNodes(string file)
    {
        using var reader = new StreamReader(file);
        return OpenbTrace.ReadNodes(file, reader);
    }

    private static IReadOnlyList<ReplayWorkload> Workloads(string[] files, LoadedCluster? cluster, string? clusterFile)
    {
        if (files.Length > 0) return [.. files.Select(ReplayWorkload.ReadOpenb)];
        if (cluster is not { Pods.Count: > 0 }) throw new FormatException("name the pods with --pods FILE, or a cluster that has pods with --cluster FILE");
        return [new ReplayWorkload(Path.GetFileNameWithoutExtension(clusterFile!), [.. cluster.Pods.Select(pod => new TracePod(pod.FullName, pod.Shape, null, null))])];
    }

    private static IReadOnlyList<ReplayWorkload> MadeUp(string? text)
    {
        if (text is null) return [];
        if (text == "all") text = string.Join(',', MadeUpWorkloads.Names);
        return [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name =>
            MadeUpWorkloads.Find(name) ?? throw new FormatException($"--made-up: unknown workload '{name}'; {Suggestion.For(name, [.. MadeUpWorkloads.Names])}"))];
    }

    private static IReadOnlyList<string> Policies(string text)
    {
        if (text == "all") return PackingPolicies.Names;
        return [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(name =>
            PackingPolicies.Names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException($"--policy: unknown policy '{name}'; {Suggestion.For(name, [.. PackingPolicies.Names])}"))];
    }

    private static List<int> Seeds(string text)
    {
        var seeds = new List<int>();
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) || last < first || last - first > 100_000)
            {
                throw new FormatException($"--seeds: '{part}' is neither a seed nor a range like 42-51");
            }

            seeds.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return seeds.Count > 0 ? seeds : throw new FormatException("--seeds: there is none");
    }

    private static T Choice<T>(Option<string> option, ParseResult parsed, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var text = parsed.GetValue(option)!;
        var names = new List<string>();
        foreach (var (name, value) in choices)
        {
            if (name == text) return value;
            names.Add(name);
        }

        throw new FormatException($"{option.Name}: unknown value '{text}'; {Suggestion.For(text, names)}");
    }

    private static double Positive(Option<double> option, ParseResult parsed) =>
        parsed.GetValue(option) is > 0 and < 1000 and var value ? value : throw new FormatException($"{option.Name} must be above 0 and below 1000");

    private static int Fail(string message, int exitCode)
    {
        Console.Error.WriteLine($"error: {message}");
        return exitCode;
    }

    private static Option<string> Text(string name, string helpName, string description, string? fallback = null)
    {
        var option = new Option<string>(name) { HelpName = helpName, Description = description };
        if (fallback is not null) option.DefaultValueFactory = _ => fallback;
        return option;
    }

    private static Option<string[]> Many(string name, string helpName, string description) =>
        new(name) { HelpName = helpName, Description = description, AllowMultipleArgumentsPerToken = true };

    private static Option<double> Number(string name, string helpName, string description, double fallback) =>
        new(name) { HelpName = helpName, Description = description, DefaultValueFactory = _ => fallback };

    /// <summary>A line per run on the error stream, so that the output holds nothing but the table.</summary>
    private sealed class ConsoleProgress : IProgress<ReplayProgress>
    {
        public void Report(ReplayProgress value)
        {
            var result = value.Result;
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"[{value.Done}/{value.Total}] {result.Workload} {result.Policy} seed {result.Seed}: {result.AllocatedAt100:F2} / {result.AllocatedAtEnd:F2} % in {result.Seconds:F2} s"));
        }
    }
}
