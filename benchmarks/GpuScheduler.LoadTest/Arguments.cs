using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using GpuScheduler.LoadTest.Bodies;
using GpuScheduler.LoadTest.Reports;
using GpuScheduler.LoadTest.Targets;

namespace GpuScheduler.LoadTest;

/// <summary>The command line.</summary>
internal static class Arguments
{
    private const string Half = "half";

    /// <summary>Parses and runs; the exit code: 0 when everything was answered as it should be.</summary>
    public static Task<int> RunAsync(string[] args)
    {
        var url = new Option<Uri?>("--url") { Description = "A running service, for example http://127.0.0.1:8888.", CustomParser = ReadUrl };
        var start = new Option<bool>("--start") { Description = "Start the service and end it afterwards; so it is without --url." };
        var server = new Option<string>("--server") { Description = "The executable to start.", HelpName = "DLL", DefaultValueFactory = _ => BuiltServer() };
        var serverArguments = new Option<string[]>("--server-arg") { Description = "One more argument for it; may be given again.", DefaultValueFactory = _ => [] };
        var process = new Option<int?>("--pid") { Description = "Process id of the service at --url, for its CPU time and memory." };
        var prefix = new Option<string>("--prefix") { Description = "Path before the verbs.", DefaultValueFactory = _ => "/scheduler" };
        var nodes = Number("--nodes", 5_000, 1, "Nodes of the embedded cluster of a started service.");
        var load = new Option<double>("--load") { Description = "How full that cluster is, 0..1.", DefaultValueFactory = _ => 0.6 };
        var names = new Option<int?>("--names") { Description = "Nodes that each request names; all without it." };
        var order = new Option<NodeOrder>("--order") { Description = "Their order.", DefaultValueFactory = _ => NodeOrder.Scheduler };
        var verb = new Option<LoadVerb>("--verb") { Description = "What is asked.", DefaultValueFactory = _ => LoadVerb.Filter };
        var rate = new Option<string>("--rate") { Description = "Arrivals per second, or half: half of what saturates the service.", DefaultValueFactory = _ => Half };
        rate.Validators.Add(CheckRate);
        var constant = new Option<bool>("--constant") { Description = "Arrivals in equal steps; without it at random (Poisson)." };
        var concurrency = Number("--concurrency", 4, 1, "Keep-alive connections.");
        var seconds = Number("--seconds", 10, 1, "Length of each measurement of a round.");
        var warmup = Number("--warmup", 5, 0, "Seconds of warming up each server, flat out.");
        var rounds = Number("--rounds", 5, 1, "How often everything is measured in turn.");
        var floor = new Option<bool>("--floor") { Description = "Measure in turn a bare Kestrel that reads the same bytes and writes prepared answers." };
        var inlineFloor = new Option<bool>("--floor-inline") { Description = "The same for one that answers on the threads of the sockets, as the service does." };
        var churn = Number("--churn", 0, 0, "Pod events per second to measure under in turn, made by half as many binds (each is assumed, then confirmed).");
        var seed = Number("--seed", 1, 0, "Which random arrivals and orders.");
        var json = new Option<string?>("--json") { Description = "File for the results.", HelpName = "FILE" };
        var svg = new Option<string?>("--svg") { Description = "File for a plot of the latencies.", HelpName = "FILE" };
        var root = new RootCommand(
            """
            Open-loop load against the running service: arrivals are fixed in advance and latency counts from when a request was due.

            Examples:
              load --nodes 5000 --verb filter --floor
              load --nodes 5000 --verb cycle --rate 200 --seconds 60 --churn 2000 --json out.json --svg out.svg
              load --url http://127.0.0.1:8888 --pid 4711 --names 500
            """)
        {
            url, start, server, serverArguments, process, prefix, nodes, load, names, order, verb, rate, constant, concurrency, seconds, warmup, rounds,
            floor, inlineFloor, churn, seed, json, svg,
        };
        root.SetAction(async (parsed, cancellation) => await MeasureAsync(
            new LoadOptions
            {
                Url = parsed.GetValue(start) ? null : parsed.GetValue(url),
                ProcessId = parsed.GetValue(process),
                Server = parsed.GetValue(server)!,
                ServerArguments = parsed.GetValue(serverArguments)!,
                Nodes = parsed.GetValue(nodes),
                Load = parsed.GetValue(load),
                Prefix = parsed.GetValue(prefix)!.TrimEnd('/'),
                Names = parsed.GetValue(names) ?? int.MaxValue,
                Order = parsed.GetValue(order),
                Verb = parsed.GetValue(verb),
                Rate = parsed.GetValue(rate) is Half or null ? null : double.Parse(parsed.GetValue(rate)!, CultureInfo.InvariantCulture),
                IsConstantRate = parsed.GetValue(constant),
                Concurrency = parsed.GetValue(concurrency),
                Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                Warmup = TimeSpan.FromSeconds(parsed.GetValue(warmup)),
                Rounds = parsed.GetValue(rounds),
                WithFloor = parsed.GetValue(floor),
                WithInlineFloor = parsed.GetValue(inlineFloor),
                Churn = parsed.GetValue(churn),
                Seed = parsed.GetValue(seed),
                JsonFile = parsed.GetValue(json),
                SvgFile = parsed.GetValue(svg),
            },
            cancellation));

        var listen = new Option<string>("--urls") { Description = "Where to listen.", DefaultValueFactory = _ => "http://127.0.0.1:0" };
        var inline = new Option<bool>("--inline") { Description = "What --floor-inline measures." };
        var floorCommand = new Command("floor", "Only serve what --floor measures.") { listen, inline };
        floorCommand.SetAction((parsed, cancellation) => FloorServer.RunAsync(parsed.GetValue(listen)!, parsed.GetValue(inline), cancellation));
        root.Subcommands.Add(floorCommand);
        return root.Parse(args).InvokeAsync();
    }

    private static Uri? ReadUrl(ArgumentResult result)
    {
        var text = result.Tokens.Single().Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
        result.AddError($"--url takes an http or https URL, not '{text}'");
        return null;
    }

    private static async Task<int> MeasureAsync(LoadOptions options, CancellationToken cancellation)
    {
        try
        {
            var report = await LoadRun.RunAsync(options, cancellation);
            Console.WriteLine(TextReport.Write(report));
            if (options.JsonFile is { } json) await File.WriteAllBytesAsync(json, JsonSerializer.SerializeToUtf8Bytes(report, ReportJson.Default.TestReport), cancellation);
            if (options.SvgFile is { } svg) await File.WriteAllTextAsync(svg, SvgReport.Write(report), cancellation);
            return report.Variants.SelectMany(variant => variant.Rounds).Sum(round => round.Errors + (round.Churn?.Errors ?? 0)) == 0 ? 0 : 1;
        }
        catch (Exception problem) when (problem is InvalidOperationException or IOException or HttpRequestException or ArgumentException)
        {
            Console.Error.WriteLine($"error: {problem.Message}");
            return 1;
        }
    }

    /// <summary>The service as it was built with this project, in the same configuration: both lie as deep below the repository.</summary>
    private static string BuiltServer()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        var (framework, configuration) = (here.Name, here.Parent!.Name);
        return Path.GetFullPath(Path.Combine(
            here.FullName, "..", "..", "..", "..", "..", "src", "GpuScheduler.Server", "bin", configuration, framework, "gpu-scheduler.dll"));
    }

    private static void CheckRate(OptionResult result)
    {
        var text = result.GetValueOrDefault<string>();
        if (text is Half or null) return;
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) || rate <= 0)
        {
            result.AddError($"--rate: '{text}' is neither a number above 0 nor {Half}");
        }
    }

    private static Option<int> Number(string name, int normally, int least, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => normally };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least) result.AddError($"{name}: must be at least {least}");
        });
        return option;
    }
}
