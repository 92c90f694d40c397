using System.Globalization;
using System.Net;
using System.Text;
using GpuScheduler.LoadTest.Load;

namespace GpuScheduler.LoadTest.Reports;

/// <summary>
/// The latencies as a plot: which part of the requests (across, nines in equal steps) took at most how long (up, logarithmic). A pale line
/// for each round, so that it shows how far they agree, and a strong one for all together.
/// </summary>
internal sealed class SvgReport
{
    private const int Width = 960;
    private const int Height = 560;
    private const int Left = 76;
    private const int Right = 190;
    private const int Top = 84;
    private const int Bottom = 64;
    private const int Points = 240;
    private const int LabelGap = 18;

    private static readonly string[] Colors = ["#0b62c4", "#6b7280", "#c2410c", "#a16207"];

    private readonly TestReport _report;
    private readonly double _nines;
    private readonly double _low;
    private readonly double _high;

    private SvgReport(TestReport report)
    {
        _report = report;
        // A percentile that less than a handful of requests lie above says little.
        _nines = Math.Max(1, Math.Log10(report.Variants.Min(variant => variant.Sorted.Length) / 5.0));
        _low = Math.Log10(report.Variants.Min(variant => LatencySummary.Percentile(variant.Sorted, 0)) * 0.9);
        _high = Math.Log10(report.Variants.Max(variant => LatencySummary.Percentile(variant.Sorted, 1 - Math.Pow(10, -_nines))) * 1.15);
    }

    /// <summary>The SVG document.</summary>
    public static string Write(TestReport report) => new SvgReport(report).Draw();

    private string Draw()
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#1f2937\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"#fff\"/>\n");
        Text(svg, Left, 30, _report.Title, "font-size=\"17\" font-weight=\"600\"");
        Text(svg, Left, 52, Subtitle(), "fill=\"#4b5563\"");
        Text(svg, Left, 72, "latency from when the request was due, ms", "fill=\"#4b5563\" font-size=\"12\"");
        Grid(svg);
        var labels = new List<(double Y, string Color, string Name, string Note)>();
        for (var i = 0; i < _report.Variants.Count; i++)
        {
            var variant = _report.Variants[i];
            var color = Colors[i % Colors.Length];
            foreach (var round in variant.RoundsSorted) Curve(svg, round, color, "stroke-width=\"1\" opacity=\"0.25\"");
            var end = Curve(svg, variant.Sorted, color, "stroke-width=\"2.5\"");
            labels.Add((end, color, variant.Name, string.Create(CultureInfo.InvariantCulture, $"p50 {variant.Latency.P50:g3}, p99 {variant.Latency.P99:g3} ms")));
        }

        Labels(svg, labels);
        return svg.Append("</svg>\n").ToString();
    }

    private string Subtitle()
    {
        var ratios = _report.Comparisons.Select(comparison =>
            string.Create(CultureInfo.InvariantCulture, $"{comparison.Name}: p50 {comparison.P50.Median:f2}x, p99 {comparison.P99.Median:f2}x"));
        return string.Join("; ", [$"{_report.Machine.Processor}, {_report.Machine.Cores} cores", .. ratios]);
    }

    private void Grid(StringBuilder svg)
    {
        for (var decade = (int)Math.Floor(_low); decade <= _high; decade++)
        {
            foreach (var step in (ReadOnlySpan<int>)[1, 2, 5])
            {
                var value = step * Math.Pow(10, decade);
                if (Math.Log10(value) < _low || Math.Log10(value) > _high) continue;
                var y = Y(value);
                svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:f1}\" y2=\"{y:f1}\" stroke=\"#e5e7eb\"/>\n");
                Text(svg, Left - 8, y + 4, value.ToString("g3", CultureInfo.InvariantCulture), "text-anchor=\"end\" fill=\"#4b5563\"");
            }
        }

        foreach (var part in (ReadOnlySpan<double>)[0, 0.5, 0.9, 0.99, 0.999, 0.9999])
        {
            if (-Math.Log10(1 - part) > _nines) continue;
            var x = X(part);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{x:f1}\" x2=\"{x:f1}\" y1=\"{Top}\" y2=\"{Height - Bottom}\" stroke=\"#e5e7eb\"/>\n");
            Text(svg, x, Height - Bottom + 20, (part * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %", "text-anchor=\"middle\" fill=\"#4b5563\"");
        }

        Text(svg, (Left + Width - Right) / 2.0, Height - 18, "of the requests took at most that long", "text-anchor=\"middle\" fill=\"#4b5563\" font-size=\"12\"");
    }

    /// <summary>Draws a line; where it ends.</summary>
    private double Curve(StringBuilder svg, long[] sorted, string color, string style)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{color}\" stroke-linejoin=\"round\" {style} points=\"");
        var y = 0.0;
        for (var i = 0; i <= Points; i++)
        {
            var part = 1 - Math.Pow(10, -_nines * i / Points);
            y = Y(LatencySummary.Percentile(sorted, part));
            svg.Append(CultureInfo.InvariantCulture, $"{X(part):f1},{y:f1} ");
        }

        svg.Append("\"/>\n");
        return y;
    }

    /// <summary>Names the lines at their ends, moved apart where they would cover each other.</summary>
    private static void Labels(StringBuilder svg, List<(double Y, string Color, string Name, string Note)> labels)
    {
        labels.Sort((a, b) => a.Y.CompareTo(b.Y));
        var free = (double)Top;
        foreach (var (end, color, name, note) in labels)
        {
            var y = Math.Max(end, free);
            Text(svg, Width - Right + 10, y + 4, name, $"font-weight=\"600\" fill=\"{color}\"");
            Text(svg, Width - Right + 10, y + 4 + LabelGap, note, "font-size=\"12\" fill=\"#4b5563\"");
            free = y + (2.4 * LabelGap);
        }
    }

    private static void Text(StringBuilder svg, double x, double y, string text, string style) =>
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:f1}\" y=\"{y:f1}\" {style}>{WebUtility.HtmlEncode(text)}</text>\n");

    private double X(double part) => Left + (-Math.Log10(1 - part) / _nines * (Width - Left - Right));

    private double Y(double milliseconds) =>
        Height - Bottom - ((Math.Clamp(Math.Log10(milliseconds), _low, _high) - _low) / (_high - _low) * (Height - Top - Bottom));
}
