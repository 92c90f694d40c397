using System.CommandLine;
using GpuScheduler.Server.Hosting;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler serve</c>.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var configuration = new ConfigurationOptions();
        var command = new ExampledCommand(
            "serve",
            "Answer kube-scheduler's filter, prioritize, preempt and bind calls. This is the default command.",
            """
            gpu-scheduler serve
            gpu-scheduler serve --demo
            gpu-scheduler serve --cluster embedded --nodes 5000 --seed 7 --load 0.6
            gpu-scheduler serve --cluster file:cluster.json --urls http://0.0.0.0:8888
            gpu-scheduler serve --config gpu-scheduler.yaml --log-format json
            """);
        configuration.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (configuration.Read(parsed) is not { } options) return ExitCode.Usage;
            SocketThreads.GoOnInline();
            return await Service.RunAsync(options, Console.Out, cancellation);
        });
        return command;
    }
}
