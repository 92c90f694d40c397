using System.Globalization;
using System.Text;
using System.Text.Json;

namespace GpuScheduler.Simulation.Mig;

/// <summary>One policy on one mix at one load.</summary>
/// <param name="Mix">The mix of requests.</param>
/// <param name="Load">Offered load.</param>
/// <param name="Policy">The policy.</param>
/// <param name="Requests">Requests counted per seed, mean.</param>
/// <param name="SlicesAsked">Memory slices these asked for, mean over seeds.</param>
/// <param name="AcceptedBySeed">Requests that were placed, by seed.</param>
/// <param name="SlicesAccepted">Memory slices of those, mean over seeds.</param>
public sealed record MigReplayCell(
    string Mix, double Load, string Policy, double Requests, double SlicesAsked, IReadOnlyList<int> AcceptedBySeed, double SlicesAccepted)
{
    /// <summary>Requests placed, mean over seeds.</summary>
    public double Accepted => AcceptedBySeed.Average();

    /// <summary>Fraction of requests placed.</summary>
    public double AcceptedRatio => Accepted / Requests;

    /// <summary>Fraction of memory slices placed.</summary>
    public double SlicesRatio => SlicesAccepted / SlicesAsked;
}

/// <summary>What a MIG replay measured.</summary>
/// <param name="Options">What was replayed.</param>
/// <param name="Cells">The results, by mix, load and policy.</param>
public sealed record MigReplayReport(MigReplayOptions Options, IReadOnlyList<MigReplayCell> Cells)
{
    /// <summary>Name of the service's own policy.</summary>
    public const string OwnPolicy = "remaining-value";

    /// <summary>
    /// Not a policy but what to measure them by: all slices in one pool that never fragments, as if every instance could be moved at any time.
    /// </summary>
    public const string Pool = "unfragmented-pool";

    /// <summary>Accepted requests of our policy over those of another at the same mix and load, less 1.</summary>
    public double GainOver(MigReplayCell other) => (Own(other).Accepted / other.Accepted) - 1;

    /// <summary>A table for people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Options.Gpus} x {Options.Gpu}, {(Options.Arrivals == MigArrivals.Steady ? $"{Options.Requests} requests per run" : $"{Options.Arrivals}")}, seeds {string.Join(' ', Options.Seeds)}; requests that fit nowhere are lost"));
        foreach (var group in Cells.GroupBy(cell => (cell.Mix, cell.Load)))
        {
            text.AppendLine();
            text.AppendLine(string.Create(CultureInfo.InvariantCulture, $"{group.Key.Mix}, load {group.Key.Load:0.00}"));
            text.AppendLine("  policy                accepted  of slices   ours, accepted   ours, slices");
            foreach (var cell in group)
            {
                var slices = (Own(cell).SlicesAccepted / cell.SlicesAccepted) - 1;
                text.AppendLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {cell.Policy,-20} {cell.AcceptedRatio,8:0.00%}   {cell.SlicesRatio,8:0.00%}   {GainOver(cell),14:+0.00%;-0.00%;0.00%} {slices,14:+0.00%;-0.00%;0.00%}"));
            }
        }

        return text.ToString();
    }

    /// <summary>The same for programs; <c>acceptedBySeed</c> is in the order of <c>seeds</c>.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("gpu", Options.Gpu);
            json.WriteNumber("gpus", Options.Gpus);
            json.WriteString("arrivals", Options.Arrivals.ToString());
            json.WriteNumber("requests", Options.Requests);
            json.WriteStartArray("seeds");
            foreach (var seed in Options.Seeds) json.WriteNumberValue(seed);
            json.WriteEndArray();
            json.WriteStartArray("results");
            foreach (var cell in Cells) Write(json, cell);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private void Write(Utf8JsonWriter json, MigReplayCell cell)
    {
        json.WriteStartObject();
        json.WriteString("mix", cell.Mix);
        json.WriteNumber("load", cell.Load);
        json.WriteString("policy", cell.Policy);
        json.WriteNumber("acceptedRatio", cell.AcceptedRatio);
        json.WriteNumber("slicesRatio", cell.SlicesRatio);
        json.WriteNumber("gainOfOurs", GainOver(cell));
        json.WriteStartArray("acceptedBySeed");
        foreach (var accepted in cell.AcceptedBySeed) json.WriteNumberValue(accepted);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private MigReplayCell Own(MigReplayCell other) => Cells.First(cell => cell.Policy == OwnPolicy && cell.Mix == other.Mix && cell.Load.Equals(other.Load));
}
