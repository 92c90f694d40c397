using System.CommandLine;
using System.CommandLine.Help;
using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Commands;

/// <summary>The command line: all commands, and what is said when it is wrong.</summary>
public static class CommandLine
{
    private const string Examples =
        """
        gpu-scheduler                                          serve on http://127.0.0.1:8888
        gpu-scheduler serve --cluster embedded --nodes 5000    a bigger made-up cluster
        gpu-scheduler serve --cluster file:cluster.json        your cluster, as kubectl get nodes,pods -A -o json wrote it
        gpu-scheduler explain pod.yaml                         why a pod would wait, and what would help
        gpu-scheduler inspect                                  the nodes, and how much of each GPU is used
        gpu-scheduler config > gpu-scheduler.yaml              a file with every option explained
        gpu-scheduler serve --config gpu-scheduler.yaml        serve as the file says
        gpu-scheduler generate --nodes 100 --out cluster.json  write a made-up cluster
        """;

    /// <summary>Parses and runs; the exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = Root();
        var parsed = root.Parse(WithDefaultCommand(root, args));
        if (parsed.Errors.Count > 0 && parsed.Action is not ExampleHelp)
        {
            WriteErrors(parsed);
            return ExitCode.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    }

    /// <summary>All commands.</summary>
    internal static RootCommand Root()
    {
        var root = new RootCommand(
            "A kube-scheduler extender that places pods on GPUs. Without a command it serves: on a machine without Kubernetes, from an embedded cluster.")
        {
            ServeCommand.Create(),
            ExplainCommand.Create(),
            InspectCommand.Create(),
            TopCommand.Create(),
            ReplayCommand.Create(),
            MigReplayCommand.Create(),
            GangReplayCommand.Create(),
            GenerateCommand.Create(),
            ConfigCommand.Create(),
            CompletionCommand.Create(),
            VersionCommand.Create(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExampleHelp((HelpAction)help.Action!, Examples);
        return root;
    }

    /// <summary><c>serve</c> is meant where the first word is no command and does not ask for help or the version.</summary>
    private static string[] WithDefaultCommand(RootCommand root, string[] args)
    {
        if (args.Length == 0) return ["serve"];
        var isOwn = args[0] is "-h" or "--help" or "-?" or "/?" or "/h" or "--version" || args[0].StartsWith('[');
        return args[0].StartsWith('-') && !isOwn && root.Options.All(option => option.Name != args[0]) ? ["serve", .. args] : args;
    }

    private static void WriteErrors(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = command is RootCommand ? "gpu-scheduler" : $"gpu-scheduler {command.Name}";
        // An unknown word also makes the parser miss what it stood for; only the word itself helps.
        IEnumerable<string> errors = parsed.UnmatchedTokens.Count == 0
            ? parsed.Errors.Select(error => error.Message)
            : Unknown(parsed.UnmatchedTokens, command);
        foreach (var error in errors) Console.Error.WriteLine($"error: {error}");
        Console.Error.WriteLine($"Run '{path} --help' for all options.");
    }

    private static IEnumerable<string> Unknown(IReadOnlyList<string> words, Command command)
    {
        var options = words.Where(word => word.StartsWith('-')).ToList();
        foreach (var word in options)
        {
            yield return $"unknown option '{word}'; {Suggestion.For(word, [.. command.Options.Select(option => option.Name)])}";
        }

        if (options.Count > 0) yield break;
        yield return command.Subcommands.Count == 0
            ? $"'{words[0]}' is one argument too many"
            : $"unknown command '{words[0]}'; {Suggestion.For(words[0], [.. command.Subcommands.Select(child => child.Name)])}";
    }
}
