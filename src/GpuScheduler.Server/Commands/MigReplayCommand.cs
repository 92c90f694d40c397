using System.CommandLine;
using GpuScheduler.Simulation.Mig;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler mig-replay</c>.</summary>
internal static class MigReplayCommand
{
    public static Command Create()
    {
        var defaults = new MigReplayOptions();
        var gpu = new Option<string>("--gpu") { HelpName = "NAME", Description = "Kind of all GPUs, as the MIG tables call it.", DefaultValueFactory = _ => defaults.Gpu };
        var gpus = new Option<int>("--gpus") { HelpName = "COUNT", Description = "How many GPUs.", DefaultValueFactory = _ => defaults.Gpus };
        var requests = new Option<int>("--requests") { HelpName = "COUNT", Description = "Requests per run; the first fifth is not counted.", DefaultValueFactory = _ => defaults.Requests };
        var loads = ReplayArguments.Loads("Memory slices asked for at a time, per slice there is.", defaults.Loads);
        var seeds = ReplayArguments.Seeds(defaults.Seeds);
        var arrivals = new Option<MigArrivals>("--arrivals")
        {
            Description = "Steady for the state a fleet settles in; Filling fills an empty one once, and FillingAndLeaving lets requests end meanwhile.",
        };
        var json = new Option<bool>("--json") { Description = "Write JSON instead of a table." };
        var command = new Command(
            "mig-replay",
            """
            Compare ways to place MIG instances on made-up requests: how many each accepts.

            Examples:
              gpu-scheduler mig-replay
              gpu-scheduler mig-replay --gpu A30-24GB --gpus 50 --loads 0.85 1.0 --seeds 1 2 3 --json
            """)
        {
            gpu, gpus, requests, arrivals, loads, seeds, json,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new MigReplayOptions
            {
                Gpu = parsed.GetRequiredValue(gpu),
                Gpus = parsed.GetRequiredValue(gpus),
                Requests = parsed.GetRequiredValue(requests),
                Arrivals = parsed.GetValue(arrivals),
                Loads = parsed.GetRequiredValue(loads),
                Seeds = parsed.GetRequiredValue(seeds),
            };
            try
            {
                var report = MigReplay.Run(options, cancellation);
                Console.Out.Write(parsed.GetValue(json) ? report.ToJson() + Environment.NewLine : report.ToText());
                return Task.FromResult(ExitCode.Success);
            }
            catch (ArgumentException wrong)
            {
                Console.Error.WriteLine($"error: {wrong.Message}");
                return Task.FromResult(ExitCode.Usage);
            }
        });
        return command;
    }
}
