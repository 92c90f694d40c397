using System.CommandLine;
using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler config</c>.</summary>
internal static class ConfigCommand
{
    public static Command Create()
    {
        var configuration = new ConfigurationOptions();
        var command = new ExampledCommand(
            "config",
            "Print the options in force, as a YAML file that explains each; or say what is wrong with them.",
            """
            gpu-scheduler config > gpu-scheduler.yaml
            gpu-scheduler config --config gpu-scheduler.yaml --set scoring.strategy=MostAllocated
            """);
        configuration.AddTo(command);
        command.SetAction(parsed =>
        {
            if (configuration.Read(parsed) is not { } options) return ExitCode.Usage;
            Console.Out.Write(OptionsWriter.WriteYaml(options));
            return ExitCode.Success;
        });
        return command;
    }
}
