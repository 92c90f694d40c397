using System.CommandLine;
using GpuScheduler.Server.Cli;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler top</c>.</summary>
internal static class TopCommand
{
    private const string ToTopLeft = "\e[H";
    private const string ClearBelow = "\e[J";
    private const string ClearLine = "\e[K";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var view = new ViewOptions();
        var once = new Option<bool>("--once") { Description = "Print once and end; so it is when the output is not a terminal, or the source never changes." };
        var command = new ExampledCommand(
            "top",
            "Show how full the cluster is by GPU model, and what waits, drawn anew every two seconds.",
            """
            gpu-scheduler top
            gpu-scheduler top --server http://gpu-scheduler:8888
            gpu-scheduler top --once --cluster file:cluster.json
            """)
        {
            once,
        };
        view.AddTo(command);
        command.SetAction((parsed, cancellation) => LookCommand.RunAsync(view, parsed, async (cluster, format) =>
        {
            if (format is OutputFormat.Json or OutputFormat.Yaml) return Answer.Write(await cluster.WaitingAsync(cancellation), HttpAnswers.Json.WaitingBody, format);
            if (parsed.GetValue(once) || Console.IsOutputRedirected || !cluster.IsLive) return await DrawAsync(cluster, cancellation);
            return await RedrawAsync(cluster, cancellation);
        }, cancellation));
        return command;
    }

    private static async Task<string> RedrawAsync(IClusterView cluster, CancellationToken cancellation)
    {
        Console.Out.Write(ToTopLeft + ClearBelow);
        try
        {
            while (true)
            {
                // Line by line over what was there: nothing flickers.
                var text = await DrawAsync(cluster, cancellation);
                Console.Out.Write(ToTopLeft + text.Replace("\n", ClearLine + "\n", StringComparison.Ordinal) + ClearBelow);
                await Task.Delay(Interval, TimeProvider.System, cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            return "";
        }
    }

    private static async Task<string> DrawAsync(IClusterView cluster, CancellationToken cancellation) =>
        TopText.Write(await cluster.NodesAsync(cancellation), await cluster.WaitingAsync(cancellation), Paint.ForConsole);
}
