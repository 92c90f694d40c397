using System.Text;

namespace GpuScheduler.LoadTest.Reports;

/// <summary>The report for a terminal.</summary>
internal static class TextReport
{
    private const double NoteworthyShare = 0.05;

    /// <summary>The text.</summary>
    public static string Write(TestReport report)
    {
        var text = new StringBuilder();
        text.AppendLine().AppendLine(report.Title).AppendLine(report.Conditions);
        text.AppendLine($"{report.Machine.Processor}, {report.Machine.Cores} cores, {report.Machine.Runtime}, {report.Machine.System}");
        text.AppendLine($"requests of {report.BytesIn:n0} bytes an arrival, names in {report.Options.Order.ToString().ToLowerInvariant()} order");
        if (report.StartMilliseconds is { } start) text.AppendLine($"process start to listening: {start:n0} ms");
        text.AppendLine();
        text.AppendLine($"{"ms from when due",-28}{"p50",9}{"p90",9}{"p99",9}{"p99.9",9}{"max",9}{"req/s",9}{"errors",8}{"CPU us/req",12}{"RSS MiB",9}");
        foreach (var variant in report.Variants) Row(text, variant);
        text.AppendLine();
        foreach (var comparison in report.Comparisons)
        {
            text.Append($"{comparison.Name,-44} p50 {Of(comparison.P50)}   p99 {Of(comparison.P99)}");
            if (comparison.Cpu is { } cpu) text.Append($"   CPU {Of(cpu)}");
            text.AppendLine();
        }

        if (report.Comparisons.Count > 0) text.AppendLine($"(medians of {report.Options.Rounds} rounds; lowest and highest in brackets)");
        foreach (var variant in report.Variants) Details(text, variant);
        if (report.OthersShare is { } share)
        {
            text.AppendLine($"other processes used {share:p0} of the machine meanwhile"
                + (share > NoteworthyShare ? ": these numbers are not to be relied on" : ""));
        }

        return text.ToString();
    }

    private static void Row(StringBuilder text, Variant variant)
    {
        var (latency, rounds) = (variant.Latency, variant.Rounds);
        text.Append($"{variant.Name,-28}{latency.P50,9:f3}{latency.P90,9:f3}{latency.P99,9:f3}{latency.P999,9:f3}{latency.Max,9:f2}");
        text.Append($"{rounds.Average(round => round.PerSecond),9:n0}{rounds.Sum(round => round.Errors),8:n0}");
        if (rounds[0].Use is not null) text.Append($"{rounds.Average(round => round.CpuMicroseconds),12:n0}{rounds[^1].Use!.ResidentMiB,9:n0}");
        text.AppendLine();
    }

    private static void Details(StringBuilder text, Variant variant)
    {
        if (variant.Rounds.FirstOrDefault(round => round.FirstError is not null) is { } failed) text.AppendLine($"{variant.Name}: first error: {failed.FirstError}");
        text.AppendLine($"{variant.Name}: sent late by {Spread.Of(variant.Rounds.Select(round => round.SendDelay.P50)).Median:f3} ms at p50, "
            + $"{Spread.Of(variant.Rounds.Select(round => round.SendDelay.P99)).Median:f3} ms at p99");
        if (variant.Rounds[0].Use?.Runtime is not null)
        {
            var runtimes = variant.Rounds.Select(round => round.Use!.Runtime!).ToArray();
            text.AppendLine($"{variant.Name}: collections {runtimes.Sum(r => r.Gen0)}/{runtimes.Sum(r => r.Gen1)}/{runtimes.Sum(r => r.Gen2)} (gen 0/1/2), "
                + $"pauses {runtimes.Sum(r => r.PauseMilliseconds):f1} ms in all, longest gen 2 since ready {runtimes.Max(r => r.MaxGen2PauseMilliseconds):f1} ms, "
                + $"{runtimes.Sum(r => r.AllocatedBytes) / (double)variant.Rounds.Sum(r => r.Count):n0} bytes allocated an arrival, "
                + $"{runtimes.Sum(r => r.Generation):n0} snapshots, the last {runtimes[^1].SnapshotAgeMilliseconds:f1} ms old");
        }

        if (variant.Rounds[0].Churn is null) return;
        var churn = variant.Rounds.Select(round => round.Churn!).ToArray();
        text.AppendLine($"{variant.Name}: {churn.Average(c => c.BindsPerSecond):n0} binds/s, each two pod events; {churn.Sum(c => c.Errors)} errors; "
            + $"filter of one node and bind together p50 {Spread.Of(churn.Select(c => c.Latency.P50)).Median:f3} ms, p99 {Spread.Of(churn.Select(c => c.Latency.P99)).Median:f3} ms");
        if (churn.FirstOrDefault(c => c.FirstError is not null) is { } bad) text.AppendLine($"{variant.Name}: first error of a bind: {bad.FirstError}");
    }

    private static string Of(Spread spread) => $"{spread.Median:f2} [{spread.Low:f2}-{spread.High:f2}]";
}
