using System.CommandLine;
using GpuScheduler.Simulation.Gangs;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler gang-replay</c>.</summary>
internal static class GangReplayCommand
{
    public static Command Create()
    {
        var defaults = new GangReplayOptions();
        var nodes = new Option<int>("--nodes") { HelpName = "COUNT", Description = "How many nodes of eight GPUs.", DefaultValueFactory = _ => defaults.Nodes };
        var perDomain = new Option<int>("--nodes-per-domain") { HelpName = "COUNT", Description = "Nodes in an NVLink domain.", DefaultValueFactory = _ => defaults.NodesPerDomain };
        var perLeaf = new Option<int>("--domains-per-leaf") { HelpName = "COUNT", Description = "NVLink domains under a leaf switch.", DefaultValueFactory = _ => defaults.DomainsPerLeaf };
        var jobs = new Option<int>("--jobs") { HelpName = "COUNT", Description = "Jobs per run; the first fifth is not counted.", DefaultValueFactory = _ => defaults.Jobs };
        var loads = ReplayArguments.Loads("GPUs asked for at a time, per GPU there is.", defaults.Loads);
        var seeds = ReplayArguments.Seeds(defaults.Seeds);
        var pods = new Option<FileInfo?>("--pods") { HelpName = "FILE", Description = "openb pod list (.csv): single pods have its shapes. Without it they are made up too." };
        var share = new Option<double>("--gang-share") { HelpName = "FRACTION", Description = "With --pods: how much of the GPUs asked for gangs ask for.", DefaultValueFactory = _ => defaults.GangShare };
        var reserve = new Option<double>("--reserve-after-hours")
        {
            HelpName = "HOURS",
            Description = "A further row: nodes are kept for a gang that has waited so long (option gangs.reserveAfter of the service, off by default). 0 for none.",
            DefaultValueFactory = _ => defaults.ReserveAfterHours,
        };
        var set = new Option<string[]>("--set") { HelpName = "NAME=VALUE", Description = "Change a constant of ResidualValue, which places the single pods, e.g. DomainMilli=5.", DefaultValueFactory = _ => [] };
        var command = new Command(
            "gang-replay",
            """
            Compare placing whole gangs by plan with placing pods one at a time.

            Gangs and single pods come and go on racks and NVLink domains. From the trace come the shapes of single pods (CPU, memory, GPUs or thousandths of one),
            drawn at random; the cluster, its topology, gangs, arrivals (Poisson) and run times (exponential, six hours on average) are made up. Every
            placement gets the same jobs at the same times. A run of 12,000 jobs takes some seconds; each that ends is told on standard error.

            Examples:
              gpu-scheduler gang-replay
              gpu-scheduler gang-replay --pods openb_pod_list_default.csv --jobs 12000 --gang-share 0.5
              gpu-scheduler gang-replay --nodes 512 --jobs 3000 --loads 0.8 0.9 --seeds 1 2 3 4 5
            """)
        {
            nodes, perDomain, perLeaf, jobs, loads, seeds, pods, share, reserve, set,
        };
        command.SetAction((parsed, cancellation) =>
        {
            try
            {
                var options = new GangReplayOptions
                {
                    Nodes = parsed.GetRequiredValue(nodes),
                    NodesPerDomain = parsed.GetRequiredValue(perDomain),
                    DomainsPerLeaf = parsed.GetRequiredValue(perLeaf),
                    Jobs = parsed.GetRequiredValue(jobs),
                    Loads = parsed.GetRequiredValue(loads),
                    Seeds = parsed.GetRequiredValue(seeds),
                    Pods = parsed.GetValue(pods) is { } file ? ReadPods(file) : [],
                    GangShare = parsed.GetRequiredValue(share),
                    ReserveAfterHours = parsed.GetRequiredValue(reserve),
                    Packing = ReplayArguments.Constants(parsed.GetRequiredValue(set)),
                };
                Console.Out.Write(GangReplay.Run(options, new LineByLine(), cancellation));
                return Task.FromResult(ExitCode.Success);
            }
            catch (Exception wrong) when (wrong is ArgumentException or FormatException)
            {
                Console.Error.WriteLine($"error: {wrong.Message}");
                return Task.FromResult(ExitCode.Usage);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"error: --pods: {unreadable.Message}");
                return Task.FromResult(ExitCode.Failed);
            }
        });
        return command;
    }

    private static IReadOnlyList<TracePod> ReadPods(FileInfo file)
    {
        using var reader = file.OpenText();
        return OpenbTrace.ReadPods(file.FullName, reader);
    }

    private sealed class LineByLine : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine(value);
    }
}
