using System.Text.RegularExpressions;

namespace GpuScheduler.Server.Tests.Metrics;

/// <summary>A scrape, taken apart.</summary>
internal sealed partial class Exposition
{
    private static readonly string[] HistogramParts = ["_bucket", "_sum", "_count"];

    private Exposition(IReadOnlyList<Family> families) => Families = families;

    /// <summary>The families, in the order they came.</summary>
    public IReadOnlyList<Family> Families { get; }

    /// <summary>Reads the text format 0.0.4.</summary>
    public static Exposition Parse(string text)
    {
        var families = new List<Family>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ', 4);
            if (words is ["#", "HELP", var name, var help]) families.Add(new Family(name, help));
            else if (words is ["#", "TYPE", _, var type]) families[^1].Type = type;
            else if (words[0] != "#") families[^1].Add(line);
        }

        return new Exposition(families);
    }

    /// <summary>Every name a query may use.</summary>
    public IReadOnlySet<string> Names() => Families
        .SelectMany(family => family.Type == "histogram" ? HistogramParts.Select(part => family.Name + part) : [family.Name]).ToHashSet(StringComparer.Ordinal);

    /// <summary>The family of that name.</summary>
    public Family this[string name] => Families.Single(family => family.Name == name);

    /// <summary>One family.</summary>
    internal sealed partial class Family(string name, string help)
    {
        private readonly Dictionary<string, double> _samples = [];

        public string Name => name;

        public string Help => help;

        public string Type { get; set; } = "";

        /// <summary>Values by labels as they are written; histograms by name and labels.</summary>
        public IReadOnlyDictionary<string, double> Samples => _samples;

        /// <summary>Names of labels but a bucket's.</summary>
        public IEnumerable<string> Labels => _samples.Keys.SelectMany(key => Label().Matches(key)).Select(match => match.Groups["label"].Value)
            .Where(label => label != "le").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

        public void Add(string line)
        {
            var end = line.LastIndexOf(' ');
            var series = line[..end];
            Assert.StartsWith(name, series, StringComparison.Ordinal);
            _samples.Add(Type == "histogram" ? series : series[name.Length..].Trim('{', '}'), double.Parse(line[(end + 1)..].Replace("+Inf", "Infinity", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture));
        }

        [GeneratedRegex("""(?<label>[a-zA-Z_]+)="([^"\\]|\\.)*" ?""", RegexOptions.ExplicitCapture, 1000)]
        private static partial Regex Label();
    }
}
