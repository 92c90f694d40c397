using System.Globalization;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Simulation.Reports;

/// <summary>
/// Published results to show beside ours, from a folder with <c>published.csv</c> (columns <c>workload, policy, alloc_at_100_mean,
/// alloc_at_end_mean</c>) and <c>published-curves.csv</c> (columns <c>workload, policy</c> and one per 1 % of arrived demand).
/// </summary>
public sealed class PublishedResults
{
    private static readonly Dictionary<string, string> PublishedNames = new()
    {
        ["Fgd"] = "FGD",
        ["DotProduct"] = "DotProd",
    };

    private readonly Dictionary<(string Workload, string Policy), (double At100, double AtEnd)> _means = [];
    private readonly Dictionary<(string Workload, string Policy), double[]> _curves = [];

    private PublishedResults()
    {
    }

    /// <summary>Reads the folder; a file that is not there leaves its part empty.</summary>
    /// <exception cref="TraceFormatException">Something in a file is not as it should be.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PublishedResults Read(string folder)
    {
        var results = new PublishedResults();
        if (Open(folder, "published.csv") is { } means)
        {
            for (var row = 0; row < means.RowCount; row++)
            {
                results._means[(means.Text(row, "workload"), means.Text(row, "policy"))] =
                    (means.Decimal(row, "alloc_at_100_mean"), means.Decimal(row, "alloc_at_end_mean"));
            }
        }

        if (Open(folder, "published-curves.csv") is { } curves)
        {
            var columns = Enumerable.Range(0, 1000).Select(column => column.ToString(CultureInfo.InvariantCulture)).TakeWhile(curves.Has).ToArray();
            for (var row = 0; row < curves.RowCount; row++)
            {
                results._curves[(curves.Text(row, "workload"), curves.Text(row, "policy"))] = [.. columns.Select(column => curves.Decimal(row, column))];
            }
        }

        return results;
    }

    /// <summary>The published means of one of our policies in %; null when there are none.</summary>
    public (double At100, double AtEnd)? Find(string workload, string policy) =>
        _means.TryGetValue((workload, PublishedNames.GetValueOrDefault(policy, policy)), out var means) ? means : null;

    /// <summary>The published allocation curve in %; empty when there is none.</summary>
    public IReadOnlyList<double> Curve(string workload, string policy) =>
        _curves.GetValueOrDefault((workload, PublishedNames.GetValueOrDefault(policy, policy)), []);

    private static CsvTable? Open(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path)) return null;
        using var reader = new StreamReader(path);
        return CsvTable.Read(path, reader);
    }
}
