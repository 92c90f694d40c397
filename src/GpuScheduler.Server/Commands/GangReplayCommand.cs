using System.CommandLine;
using GpuScheduler.Simulation.Gangs;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler gang-replay</c>.</summary>
internal static class GangReplayCommand
{
    public static Command Create()
    {
        var defaults = new GangReplayOptions();
        var nodes = new Option<int>("--nodes") { HelpName = "COUNT", Description = "How many nodes of eight GPUs.", DefaultValueFactory = _ => defaults.Nodes };
        var jobs = new Option<int>("--jobs") { HelpName = "COUNT", Description = "Jobs per run; the first fifth is not counted.", DefaultValueFactory = _ => defaults.Jobs };
        var loads = ReplayArguments.Loads("GPUs asked for at a time, per GPU there is.", defaults.Loads);
        var seeds = ReplayArguments.Seeds(defaults.Seeds);
        var command = new Command(
            "gang-replay",
            """
            Compare placing whole gangs by plan with placing their pods one at a time, on made-up jobs.

            Examples:
              gpu-scheduler gang-replay
              gpu-scheduler gang-replay --nodes 512 --jobs 3000 --loads 0.8 0.9 --seeds 1 2 3 4 5
            """)
        {
            nodes, jobs, loads, seeds,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var options = new GangReplayOptions
            {
                Nodes = parsed.GetRequiredValue(nodes),
                Jobs = parsed.GetRequiredValue(jobs),
                Loads = parsed.GetRequiredValue(loads),
                Seeds = parsed.GetRequiredValue(seeds),
            };
            try
            {
                Console.Out.Write(GangReplay.Run(options, cancellation));
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
