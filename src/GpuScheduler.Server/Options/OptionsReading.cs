using System.Globalization;
using GpuScheduler.Server.Sources;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Options;

/// <summary>
/// Fills <see cref="GpuSchedulerOptions"/> from a YAML file and then from the command line, and collects everything that is wrong on the
/// way, so that one run tells all of it.
/// </summary>
public sealed class OptionsReading
{
    private readonly List<OptionProblem> _problems = [];
    private readonly Dictionary<string, string> _setAt = [];

    /// <summary>The options; usable only without <see cref="Problems"/>.</summary>
    public GpuSchedulerOptions Options { get; } = new();

    /// <summary>Everything wrong so far.</summary>
    public IReadOnlyList<OptionProblem> Problems => _problems;

    /// <summary>Reads a file.</summary>
    public void ReadFile(string path)
    {
        try
        {
            ReadYaml(path, File.ReadAllText(path));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            _problems.Add(new(path, $"cannot be read: {problem.Message}"));
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="text">YAML.</param>
    public void ReadYaml(string file, string text)
    {
        YamlStream yaml;
        try
        {
            yaml = PlainYaml.Load(text);
        }
        catch (YamlException problem)
        {
            _problems.Add(new(At(file, problem.Start), $"not valid YAML: {problem.Message.TrimEnd('.')}"));
            return;
        }

        foreach (var document in yaml.Documents) ReadSections(file, document.RootNode);
    }

    /// <summary>Sets an option from the command line.</summary>
    /// <param name="argument">How the user spelled it, for messages.</param>
    /// <param name="path">The option's path.</param>
    /// <param name="values">Its values.</param>
    public void Set(string argument, string path, params IEnumerable<string> values)
    {
        if (OptionCatalog.Find(path) is not { } spec)
        {
            _problems.Add(new(argument, Unknown(path)));
            return;
        }

        IReadOnlyList<KeyValuePair<string, string>> entries = [.. values.Select(value => KeyValuePair.Create("", value))];
        if (spec.Form == OptionForm.Map) entries = [.. entries.Select(entry => SplitEntry(entry.Value))];
        if (spec.Apply(Options, entries) is { } wrong) _problems.Add(new(argument, wrong.Message));
        else _setAt[path] = argument;
    }

    /// <summary>Looks at the options that must agree with each other; call it last.</summary>
    public void CheckTogether()
    {
        var election = Options.LeaderElection;
        Check(
            election.LeaseDuration.Ticks % TimeSpan.TicksPerSecond == 0, "leaderElection.leaseDuration",
            $"leaseDuration {Durations.Write(election.LeaseDuration)} must be whole seconds, a Lease holds no fractions");
        Check(
            election.LeaseDuration > election.RenewDeadline, "leaderElection.renewDeadline",
            $"renewDeadline {Durations.Write(election.RenewDeadline)} must be shorter than leaseDuration {Durations.Write(election.LeaseDuration)}, or two may lead at once");
        Check(
            election.RenewDeadline > election.RetryPeriod * 1.2, "leaderElection.retryPeriod",
            $"renewDeadline {Durations.Write(election.RenewDeadline)} must be more than 1.2 times retryPeriod {Durations.Write(election.RetryPeriod)}, or there is no second try");

        Check(
            !(Options.Cluster.Demo && Options.Cluster.Source == "kubernetes"), "cluster.demo",
            "made-up pods go on an embedded cluster only; leave cluster.source at auto or say embedded");

        var scoring = Options.Scoring;
        Check(scoring.Shape.Count > 0, "scoring.shape", "needs at least one point, e.g. [0=0, 100=10]");
        Check(
            scoring.Shape.Zip(scoring.Shape.Skip(1)).All(pair => pair.First.Utilization < pair.Second.Utilization), "scoring.shape",
            "utilisations must rise from point to point");
        Check(
            scoring.CpuWeight + scoring.MemoryWeight + scoring.GpuWeight > 0, "scoring.gpuWeight",
            "all weights are 0; give at least one of cpuWeight, memoryWeight and gpuWeight more");

        Check(Options.Server.Urls.Count > 0, "server.urls", "needs at least one address, e.g. http://127.0.0.1:8888");
        CheckTls();
        Check(Options.Access.Audiences.Count == 0 || Options.Access.TokenReview, "access.audiences", "needs access.tokenReview: true, tokens of a file have no audience");
        var levels = Options.Topology.Levels;
        Check(levels.Distinct().Count() == levels.Count, "topology.levels", "a label key appears twice");
        foreach (var name in Options.Resources.Gpus.Keys)
        {
            Check(name.Contains('/'), "resources.gpus", $"'{name}' is not an extended resource; write its full name, e.g. example.com/gpu");
        }
    }

    private void CheckTls()
    {
        var (tls, isHttps) = (Options.Tls, Options.Server.Urls.Concat(Options.Server.ApiUrls).Any(url => url.StartsWith("https:", StringComparison.Ordinal)));
        Check(!isHttps || (tls.CertificateFile.Length > 0 && tls.KeyFile.Length > 0), "server.urls", "an https address needs tls.certificateFile and tls.keyFile");
        Check(isHttps || tls.CertificateFile.Length + tls.KeyFile.Length == 0, "tls.certificateFile", "no address in server.urls or server.apiUrls is https, so it would not be used");
        Check(
            tls.ClientCaFile.Length == 0 || Options.Server.Urls.Any(url => url.StartsWith("https:", StringComparison.Ordinal)), "tls.clientCaFile",
            "no address in server.urls is https, so no caller could show a certificate");
        Check(!isHttps || !Options.Cluster.Demo, "cluster.demo", "its made-up kube-scheduler has no certificates; leave https addresses out of server.urls");
        Check(tls.ClientNames.Count == 0 || tls.ClientCaFile.Length > 0, "tls.clientNames", "needs tls.clientCaFile, or names would prove nothing");
    }

    private static string Unknown(string path)
    {
        var section = path.Split('.')[0];
        var inSection = OptionCatalog.All.Where(option => option.Section == section).Select(option => option.Path).ToList();
        return inSection.Count > 0
            ? $"unknown option '{path}'; {Suggestion.For(path, inSection)}"
            : $"unknown section '{section}'; {Suggestion.For(section, [.. OptionCatalog.Sections.Select(known => known.Name)])}";
    }

    private void Check(bool holds, string path, string message)
    {
        if (!holds) _problems.Add(_setAt.TryGetValue(path, out var place) ? new(place, $"{path}: {message}") : new(path, message));
    }

    private void ReadSections(string file, YamlNode root)
    {
        // A file of comments alone is an empty scalar.
        if (root is YamlScalarNode { Value: null or "" }) return;
        if (root is not YamlMappingNode sections)
        {
            _problems.Add(new(At(file, root.Start), $"expected sections such as 'server:', found {Name(root)}"));
            return;
        }

        foreach (var (key, value) in sections.Children)
        {
            var section = Text(key);
            if (OptionCatalog.Sections.All(known => known.Name != section))
            {
                _problems.Add(new(
                    At(file, key.Start), $"unknown section '{section}'; {Suggestion.For(section, [.. OptionCatalog.Sections.Select(known => known.Name)])}"));
            }
            else if (value is YamlMappingNode options)
            {
                foreach (var (name, content) in options.Children) ReadOption(file, section, name, content);
            }
            else if (!IsNothing(value))
            {
                _problems.Add(new(At(file, value.Start), $"{section}: expected options such as '{OptionCatalog.All.First(o => o.Section == section).Name}:', found {Name(value)}"));
            }
        }
    }

    private void ReadOption(string file, string section, YamlNode key, YamlNode content)
    {
        var path = $"{section}.{Text(key)}";
        if (OptionCatalog.Find(path) is not { } spec)
        {
            var known = OptionCatalog.All.Where(option => option.Section == section).Select(option => option.Name).ToList();
            _problems.Add(new(At(file, key.Start), $"unknown option '{path}'; {Suggestion.For(Text(key), known)}"));
            return;
        }

        var entries = Entries(spec.Form, content);
        if (entries is null)
        {
            var expected = spec.Form switch { OptionForm.Scalar => "one value", OptionForm.List => "a list", _ => "a map" };
            _problems.Add(new(At(file, content.Start), $"{path}: expected {expected} ({spec.Takes}), found {Name(content)}"));
        }
        else if (spec.Apply(Options, [.. entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Value))]) is { } wrong)
        {
            _problems.Add(new(At(file, entries[wrong.Entry].Start), $"{path}: {wrong.Message}"));
        }
        else
        {
            _setAt[path] = At(file, key.Start);
        }
    }

    private static List<(string Key, string Value, Mark Start)>? Entries(OptionForm form, YamlNode content) => (form, content) switch
    {
        (not OptionForm.Scalar, YamlScalarNode) when IsNothing(content) => [],
        (OptionForm.Scalar or OptionForm.List, YamlScalarNode scalar) => [("", scalar.Value ?? "", scalar.Start)],
        (OptionForm.List, YamlSequenceNode sequence) when sequence.Children.All(child => child is YamlScalarNode) =>
            [.. sequence.Children.Select(child => ("", Text(child), child.Start))],
        (OptionForm.Map, YamlMappingNode map) when map.Children.Values.All(child => child is YamlScalarNode) =>
            [.. map.Children.Select(pair => (Text(pair.Key), Text(pair.Value), pair.Value.Start))],
        _ => null,
    };

    private static KeyValuePair<string, string> SplitEntry(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? new(text, "") : new(text[..at], text[(at + 1)..]);
    }

    private static bool IsNothing(YamlNode node) => node is YamlScalarNode { Value: null or "" or "null" or "~", Style: ScalarStyle.Plain };

    private static string Text(YamlNode node) => (node as YamlScalarNode)?.Value ?? "";

    private static string Name(YamlNode node) => node switch
    {
        YamlMappingNode => "a map",
        YamlSequenceNode => "a list",
        _ => $"'{Text(node)}'",
    };

    private static string At(string file, Mark mark) =>
        string.Create(CultureInfo.InvariantCulture, $"{file}:{mark.Line}:{mark.Column}");
}
