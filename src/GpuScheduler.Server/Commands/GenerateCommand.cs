using System.CommandLine;
using GpuScheduler.Server.Options;
using GpuScheduler.Simulation.Generation;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler generate</c>.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var nodes = Number("--nodes", "COUNT", "cluster.nodes");
        var seed = Number("--seed", "NUMBER", "cluster.seed");
        var load = Number("--load", "FRACTION", "cluster.load");
        var dynamicMig = new Option<bool>("--dynamic-mig") { Description = OptionCatalog.Find("cluster.dynamicMig")!.Description };
        var output = new Option<string>("--out", "-o")
        {
            HelpName = "FILE",
            Description = "File to write; - writes to standard output.",
            DefaultValueFactory = _ => "-",
        };
        var command = new ExampledCommand(
            "generate",
            "Write a made-up cluster as Kubernetes JSON, as kubectl get nodes,pods -A -o json does.",
            """
            gpu-scheduler generate --nodes 200 --seed 1 --out cluster.json
            gpu-scheduler generate --nodes 50 --dynamic-mig --load 0.5 --out mig.json
            gpu-scheduler generate --nodes 50 --load 0.7 --out - | kubectl apply --dry-run=client -f -
            """)
        {
            nodes, seed, load, dynamicMig, output,
        };
        command.SetAction(parsed =>
        {
            var reading = new OptionsReading();
            foreach (var (option, path) in new[] { (nodes, "cluster.nodes"), (seed, "cluster.seed"), (load, "cluster.load") })
            {
                if (parsed.GetValue(option) is { } text) reading.Set(option.Name, path, text);
            }

            reading.Options.Cluster.DynamicMig = parsed.GetValue(dynamicMig);
            foreach (var problem in reading.Problems) Console.Error.WriteLine($"error: {problem}");
            return reading.Problems.Count > 0 ? ExitCode.Usage : Write(reading.Options.Cluster, parsed.GetValue(output)!);
        });
        return command;
    }

    private static int Write(ClusterSection options, string path)
    {
        var cluster = ClusterGenerator.Generate(options.Nodes, options.Seed, options.Load, options.DynamicMig);
        try
        {
            using var file = path == "-" ? Console.OpenStandardOutput() : File.Create(path);
            KubernetesListWriter.Write(file, cluster);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: --out: {path} cannot be written: {problem.Message}");
            return ExitCode.Failed;
        }

        if (path != "-") Console.Error.WriteLine($"Wrote {cluster.Nodes.Count} nodes and {cluster.Pods.Count} pods to {path}");
        return ExitCode.Success;
    }

    private static Option<string> Number(string name, string helpName, string path)
    {
        var spec = OptionCatalog.Find(path)!;
        return new(name) { HelpName = helpName, Description = $"{spec.Description} [default: {spec.Show(new GpuSchedulerOptions())[0].Value}]" };
    }
}
