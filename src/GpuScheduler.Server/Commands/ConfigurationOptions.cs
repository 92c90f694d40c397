using System.CommandLine;
using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Commands;

/// <summary>The command-line options that set <see cref="GpuSchedulerOptions"/>; what they take and mean is said once, in <see cref="OptionCatalog"/>.</summary>
internal sealed class ConfigurationOptions
{
    private static readonly (string Name, string Path, string HelpName)[] Shortcuts =
    [
        ("--cluster", "cluster.source", "SOURCE"),
        ("--nodes", "cluster.nodes", "COUNT"),
        ("--seed", "cluster.seed", "NUMBER"),
        ("--load", "cluster.load", "FRACTION"),
        ("--demo", "cluster.demo", "BOOL"),
        ("--urls", "server.urls", "URL"),
        ("--log-level", "logging.level", "LEVEL"),
        ("--log-format", "logging.format", "FORMAT"),
    ];

    private readonly Option<string> _file = new("--config", "-c")
    {
        HelpName = "FILE",
        Description = "YAML file with options; the command line goes over it. 'gpu-scheduler config' prints one with everything explained.",
    };

    private readonly Option<string[]> _set = new("--set")
    {
        HelpName = "OPTION=VALUE",
        Description = "Any option of the file, e.g. --set scoring.strategy=LeastAllocated. Lists are separated by commas. May be repeated.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly List<(Option<string> Option, string Path)> _shortcuts;

    public ConfigurationOptions() => _shortcuts =
    [
        .. Shortcuts.Select(shortcut => (
            new Option<string>(shortcut.Name)
            {
                HelpName = shortcut.HelpName,
                Description = Describe(OptionCatalog.Find(shortcut.Path)!),
                Arity = IsFlag(shortcut.Path) ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            },
            shortcut.Path)),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        foreach (var (option, _) in _shortcuts) command.Options.Add(option);
        command.Options.Add(_set);
    }

    /// <summary>The options in force; null after everything that is wrong with them has been written to standard error.</summary>
    public GpuSchedulerOptions? Read(ParseResult parsed)
    {
        var reading = new OptionsReading();
        if (parsed.GetValue(_file) is { } file) reading.ReadFile(file);
        foreach (var (option, path) in _shortcuts)
        {
            if (parsed.GetValue(option) is { } value) Set(reading, option.Name, path, value);
            else if (IsFlag(path) && parsed.GetResult(option) is not null) Set(reading, option.Name, path, "true");
        }

        foreach (var assignment in parsed.GetValue(_set) ?? [])
        {
            var at = assignment.IndexOf('=', StringComparison.Ordinal);
            Set(reading, "--set", at < 0 ? assignment : assignment[..at], at < 0 ? "" : assignment[(at + 1)..]);
        }

        reading.CheckTogether();
        if (reading.Problems.Count == 0) return reading.Options;
        foreach (var problem in reading.Problems) Console.Error.WriteLine($"error: {problem}");
        Console.Error.WriteLine("Nothing was started. 'gpu-scheduler config' prints every option with what it takes.");
        return null;
    }

    /// <summary>Naming it is enough to switch it on.</summary>
    private static bool IsFlag(string path) => OptionCatalog.Find(path) is ScalarSpec<bool>;

    private static void Set(OptionsReading reading, string argument, string path, string value)
    {
        var isScalar = OptionCatalog.Find(path) is not { Form: not OptionForm.Scalar };
        var items = value is ['[', .. var inner, ']'] ? inner : value;
        reading.Set(
            argument, path, isScalar ? [value] : items.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }

    private static string Describe(OptionSpec spec)
    {
        var shown = spec.Show(new GpuSchedulerOptions());
        return $"{spec.Description} Takes {spec.Takes}. [default: {string.Join(',', shown.Select(entry => entry.Value))}]";
    }
}
