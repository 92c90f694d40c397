namespace GpuScheduler.Server.Options;

/// <summary>The form an option takes in YAML.</summary>
public enum OptionForm
{
    /// <summary>One value.</summary>
    Scalar,

    /// <summary>A sequence of values; one value alone is accepted as a sequence of one.</summary>
    List,

    /// <summary>Values by name.</summary>
    Map,
}

/// <summary>
/// One option: where it stands, what it is, how its text is read and written. The reader, the writer, the command line and the reference in
/// the README are all made from these.
/// </summary>
/// <param name="Path">Section and name, e.g. <c>server.urls</c>.</param>
/// <param name="Form">Its form in YAML.</param>
/// <param name="Takes">What values it takes, in a few words.</param>
/// <param name="Description">What it does, in one sentence.</param>
public abstract record OptionSpec(string Path, OptionForm Form, string Takes, string Description)
{
    /// <summary>The section's name.</summary>
    public string Section => Path[..Path.IndexOf('.')];

    /// <summary>The name within the section.</summary>
    public string Name => Path[(Path.IndexOf('.') + 1)..];

    /// <summary>Sets it from text.</summary>
    /// <param name="options">What to set it in.</param>
    /// <param name="entries">One entry for a scalar, any number otherwise; keys are empty except for a map.</param>
    /// <returns>What is wrong with the text, with the index of the entry; null when it is set.</returns>
    internal abstract (int Entry, string Message)? Apply(GpuSchedulerOptions options, IReadOnlyList<KeyValuePair<string, string>> entries);

    /// <summary>Its value as the text of entries.</summary>
    internal abstract IReadOnlyList<KeyValuePair<string, string>> Show(GpuSchedulerOptions options);
}

/// <summary>An option of one value.</summary>
internal sealed record ScalarSpec<T>(
    string Path,
    OptionValue<T> Value,
    string Description,
    Func<GpuSchedulerOptions, T> Get,
    Action<GpuSchedulerOptions, T> Set) : OptionSpec(Path, OptionForm.Scalar, Value.Takes, Description)
{
    internal override (int Entry, string Message)? Apply(GpuSchedulerOptions options, IReadOnlyList<KeyValuePair<string, string>> entries)
    {
        var problem = Value.Read(entries[0].Value, out var value);
        if (problem is not null) return (0, problem);
        Set(options, value);
        return null;
    }

    internal override IReadOnlyList<KeyValuePair<string, string>> Show(GpuSchedulerOptions options) => [new("", Value.Write(Get(options)))];
}

/// <summary>An option of several values.</summary>
internal sealed record ListSpec<T>(
    string Path,
    OptionValue<T> Value,
    string Description,
    Func<GpuSchedulerOptions, IReadOnlyList<T>> Get,
    Action<GpuSchedulerOptions, IReadOnlyList<T>> Set) : OptionSpec(Path, OptionForm.List, $"a list, each {Value.Takes}", Description)
{
    internal override (int Entry, string Message)? Apply(GpuSchedulerOptions options, IReadOnlyList<KeyValuePair<string, string>> entries)
    {
        var values = new List<T>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (Value.Read(entries[i].Value, out var value) is { } problem) return (i, problem);
            values.Add(value);
        }

        Set(options, values);
        return null;
    }

    internal override IReadOnlyList<KeyValuePair<string, string>> Show(GpuSchedulerOptions options) =>
        [.. Get(options).Select(value => KeyValuePair.Create("", Value.Write(value)))];
}

/// <summary>An option of values by name.</summary>
internal sealed record MapSpec<T>(
    string Path,
    OptionValue<T> Value,
    string Description,
    Func<GpuSchedulerOptions, IReadOnlyDictionary<string, T>> Get,
    Action<GpuSchedulerOptions, IReadOnlyDictionary<string, T>> Set) : OptionSpec(Path, OptionForm.Map, $"a map of names to values, each {Value.Takes}", Description)
{
    internal override (int Entry, string Message)? Apply(GpuSchedulerOptions options, IReadOnlyList<KeyValuePair<string, string>> entries)
    {
        var values = new Dictionary<string, T>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (Value.Read(entries[i].Value, out var value) is { } problem) return (i, problem);
            values[entries[i].Key] = value;
        }

        Set(options, values);
        return null;
    }

    internal override IReadOnlyList<KeyValuePair<string, string>> Show(GpuSchedulerOptions options) =>
        [.. Get(options).Select(pair => KeyValuePair.Create(pair.Key, Value.Write(pair.Value)))];
}
