using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuScheduler.EndToEndTests.Throughput;

/// <summary>One way to run kube-scheduler, to be compared with others.</summary>
/// <param name="Name">As the table shows it.</param>
/// <param name="SeesAllNodes"><c>percentageOfNodesToScore: 100</c>; kube-scheduler's own sampling otherwise.</param>
/// <param name="Shortlist"><c>extender.shortlist</c>; null without the extender.</param>
/// <param name="Nominates">Whether pods are nominated ahead.</param>
internal sealed partial record Arrangement(string Name, bool SeesAllNodes, int? Shortlist, bool Nominates = false)
{
    public bool IsExtended => Shortlist is not null;

    /// <summary>Options of the extender.</summary>
    public IEnumerable<string> Settings =>
    [
        string.Create(CultureInfo.InvariantCulture, $"extender.shortlist={Shortlist}"),
        $"nomination.enabled={(Nominates ? "true" : "false")}",
    ];

    /// <summary>Turns the configuration we ship into this one. kube-scheduler's client is let run free, so that scheduling is what is measured.</summary>
    public string Configure(string shipped)
    {
        var text = ClientConnection().Replace(shipped, "clientConnection:\n  qps: 5000\n  burst: 5000\n");
        if (!SeesAllNodes) text = PercentageOfNodes().Replace(text, "");
        return IsExtended ? text : text[..text.IndexOf("\nextenders:", StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"^clientConnection:\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ClientConnection();

    [GeneratedRegex(@"^percentageOfNodesToScore:.*\n", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PercentageOfNodes();
}
