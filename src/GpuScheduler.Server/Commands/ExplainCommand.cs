using System.CommandLine;
using GpuScheduler.Server.Cli;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler explain</c>.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var view = new ViewOptions();
        var what = new Argument<string>("what")
        {
            HelpName = "NAMESPACE/NAME|FILE",
            Description = "A pod of the cluster, or a file with manifests (pods, Deployments, Jobs, ...); - reads standard input.",
        };
        var command = new ExampledCommand(
            "explain",
            "Say why a pod is where it is, or why it waits and what would make it fit. Changes nothing.",
            """
            gpu-scheduler explain team-a/train-0
            gpu-scheduler explain pod.yaml
            kubectl get pod train-0 -o yaml | gpu-scheduler explain - --server http://gpu-scheduler:8888
            gpu-scheduler explain job.yaml --kubeconfig ~/.kube/config
            gpu-scheduler explain pod.yaml --cluster file:cluster.json -o json
            """)
        {
            what,
        };
        view.AddTo(command);
        command.SetAction((parsed, cancellation) => LookCommand.RunAsync(view, parsed, async (cluster, format) =>
        {
            var body = await AskAsync(cluster, parsed.GetValue(what)!, cancellation);
            return format is OutputFormat.Json or OutputFormat.Yaml ? Answer.Write(body, HttpAnswers.Json.ExplanationListBody, format)
                : string.Join('\n', body.Items.Select(item => ExplanationText.Write(item, Paint.ForConsole)));
        }, cancellation));
        return command;
    }

    private static async Task<ExplanationListBody> AskAsync(IClusterView cluster, string what, CancellationToken cancellation)
    {
        if (what == "-")
        {
            using var input = Console.OpenStandardInput();
            using var manifest = new MemoryStream();
            await input.CopyToAsync(manifest, cancellation);
            return await cluster.ExplainAsync(manifest.ToArray(), cancellation);
        }

        // A path may look like namespace/name: what exists as a file is one.
        if (File.Exists(what)) return await cluster.ExplainAsync(await File.ReadAllBytesAsync(what, cancellation), cancellation);
        var parts = what.Split('/');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0) || what.EndsWith(".yaml", StringComparison.Ordinal) || what.EndsWith(".json", StringComparison.Ordinal))
        {
            throw new ViewException($"there is no file '{what}'; name a manifest, or a pod as namespace/name");
        }

        var pod = await cluster.PodAsync(parts.Length == 2 ? parts[0] : "default", parts[^1], cancellation);
        return new ExplanationListBody(pod.Generation, [pod]);
    }
}
