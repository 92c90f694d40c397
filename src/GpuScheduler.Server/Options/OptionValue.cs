using System.Globalization;
using System.Net;

namespace GpuScheduler.Server.Options;

/// <summary>How values of a type are written and read.</summary>
/// <param name="takes">What values there are, in a few words.</param>
/// <param name="parse">Reads one; false when the text is none.</param>
/// <param name="write">Writes one so that it can be read back.</param>
/// <param name="remedy">What to write instead of a text that is none.</param>
internal sealed class OptionValue<T>(string takes, OptionValue<T>.Parse parse, Func<T, string> write, string remedy)
{
    /// <summary>Reads a value.</summary>
    public delegate bool Parse(string text, out T value);

    /// <summary>What values there are.</summary>
    public string Takes => takes;

    /// <summary>Reads a value; what is wrong with the text, or null.</summary>
    public string? Read(string text, out T value) => parse(text, out value) ? null : $"'{text}' is not {takes}; {remedy}";

    /// <summary>The text of a value.</summary>
    public string Write(T value) => write(value);
}

/// <summary>The types of value that options have.</summary>
internal static class OptionValues
{
    public static OptionValue<bool> Flag { get; } = new(
        "true or false", (string text, out bool value) => bool.TryParse(text, out value), value => value ? "true" : "false", "write true or false");

    public static OptionValue<TimeSpan> Duration(TimeSpan from, TimeSpan to) => new(
        $"a duration from {Durations.Write(from)} to {Durations.Write(to)}",
        (string text, out TimeSpan value) => Durations.TryRead(text, out value) && value >= from && value <= to,
        Durations.Write,
        "write a number and its unit, e.g. 500ms, 30s, 5m or 1m30s");

    public static OptionValue<int> Whole(int from, int to) => new(
        $"a whole number from {Text(from)} to {Text(to)}",
        (string text, out int value) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= from && value <= to,
        value => Text(value),
        $"write digits only, e.g. {Text(from)}");

    public static OptionValue<long> Seed { get; } = new(
        "a whole number",
        (string text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value),
        value => value.ToString(CultureInfo.InvariantCulture),
        "write digits only, e.g. 42");

    public static OptionValue<double> Fraction { get; } = new(
        "a number from 0 to 1",
        (string text, out double value) =>
            double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 1,
        value => value.ToString(CultureInfo.InvariantCulture),
        "write e.g. 0.5");

    public static OptionValue<float> Weight { get; } = new(
        "a number from 0 to 100",
        (string text, out float value) =>
            float.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 100,
        value => value.ToString(CultureInfo.InvariantCulture),
        "write e.g. 1 or 2.5");

    public static OptionValue<string> Url { get; } = new(
        "an http or https URL with a port", TryReadUrl, value => value, "write e.g. http://127.0.0.1:8888 or https://0.0.0.0:8443; port 0 takes a free one");

    public static OptionValue<string> OtlpEndpoint { get; } = new(
        "an http or https URL",
        (string text, out string value) =>
        {
            value = text;
            return text.Length == 0 || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0);
        },
        value => value,
        "write e.g. http://otel-collector:4317");

    public static OptionValue<string> UrlPath { get; } = new(
        "a path",
        (string text, out string value) =>
        {
            value = text.TrimEnd('/');
            return value.StartsWith('/') && Uri.IsWellFormedUriString(value, UriKind.Relative) && !value.Contains('?') && !value.Contains('#');
        },
        value => value,
        "write e.g. /scheduler");

    /// <summary>See <see cref="ClusterSection.Source"/>.</summary>
    public static OptionValue<string> ClusterSource { get; } = new(
        "auto, embedded, kubernetes or file:PATH",
        (string text, out string value) =>
        {
            value = text;
            return text is "auto" or "embedded" or "kubernetes"
                || (text.StartsWith(ClusterSection.FilePrefix, StringComparison.Ordinal) && text.Length > ClusterSection.FilePrefix.Length);
        },
        value => value,
        "write one of these, e.g. file:cluster.json");

    public static OptionValue<string> Any(string takes) => new(
        takes,
        (string text, out string value) =>
        {
            value = text;
            return true;
        },
        value => value,
        "");

    public static OptionValue<string> LabelKey { get; } = new(
        "a label key",
        (string text, out string value) =>
        {
            value = text;
            return text.Length > 0 && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/');
        },
        value => value,
        "write e.g. topology.kubernetes.io/zone");

    /// <summary>See <see cref="HealthSection.UnhealthyConditions"/>.</summary>
    public static OptionValue<string> NodeCondition { get; } = new(
        "TYPE=STATUS",
        (string text, out string value) =>
        {
            value = text;
            var at = text.IndexOf('=', StringComparison.Ordinal);
            return at > 0 && !text.Any(char.IsWhiteSpace) && text[(at + 1)..] is "True" or "False" or "Unknown";
        },
        value => value,
        "write e.g. XIDErrors=True; the status is True, False or Unknown");

    public static OptionValue<string> ObjectName { get; } = new(
        "a Kubernetes object name",
        (string text, out string value) =>
        {
            value = text;
            return text.Length is > 0 and <= 253 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
        },
        value => value,
        "write lower-case letters, digits, '-' and '.'");

    public static OptionValue<UtilizationScore> ShapePoint { get; } = new(
        "UTILIZATION=SCORE (0..100 percent = 0..10)",
        (string text, out UtilizationScore value) =>
        {
            value = default;
            var parts = text.Split('=', StringSplitOptions.TrimEntries);
            if (parts.Length != 2
                || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var utilization) || utilization > 100
                || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var score) || score > 10)
            {
                return false;
            }

            value = new(utilization, score);
            return true;
        },
        value => $"{Text(value.Utilization)}={Text(value.Score)}",
        "write e.g. 0=0 or 100=10");

    /// <summary>One of a few names; case does not matter.</summary>
    public static OptionValue<T> OneOf<T>(params IReadOnlyList<(string Name, T Value)> names) => new(
        "one of " + string.Join(", ", names.Select(pair => pair.Name)),
        (string text, out T value) =>
        {
            foreach (var (name, candidate) in names)
            {
                if (!string.Equals(name, text, StringComparison.OrdinalIgnoreCase)) continue;
                value = candidate;
                return true;
            }

            value = default!;
            return false;
        },
        value => names.First(pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Name,
        "write one of these names");

    /// <summary>Like <see cref="OneOf{T}"/> where the value is the name.</summary>
    public static OptionValue<string> NameOf(params IEnumerable<string> names) => OneOf([.. names.Select(name => (name, name))]);

    private static bool TryReadUrl(string text, out string value)
    {
        value = text.TrimEnd('/');
        if (!Uri.TryCreate(value, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")) return false;
        if (uri.PathAndQuery != "/" || uri.UserInfo.Length > 0) return false;
        value = $"{uri.Scheme}://{uri.Authority}";
        // Kestrel takes any other host name for "every interface"; say so rather than open more than was asked for.
        return uri.Host is "localhost" || IPAddress.TryParse(uri.Host.Trim('[', ']'), out _);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
