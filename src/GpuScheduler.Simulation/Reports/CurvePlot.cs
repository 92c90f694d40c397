using System.Globalization;
using System.Net;
using System.Text;

namespace GpuScheduler.Simulation.Reports;

/// <summary>
/// A line chart as SVG: light background, a label at the end of each line instead of a legend, drawn with nothing but text and paths.
/// </summary>
/// <param name="Title">What is shown, as a sentence.</param>
/// <param name="XTitle">Name and unit of the horizontal axis.</param>
/// <param name="YTitle">Name and unit of the vertical axis.</param>
/// <param name="Curves">The lines; where two cross the later one is on top.</param>
public sealed record CurvePlot(string Title, string XTitle, string YTitle, IReadOnlyList<PlotCurve> Curves)
{
    private const double Width = 860, Height = 460, Left = 62, Right = 190, Top = 48, Bottom = 52;
    private const double LabelHeight = 17;

    // Okabe and Ito's palette, told apart by people with any colour vision; the first is for the one to look at.
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#999999", "#444444"];

    /// <summary>Values below are not drawn.</summary>
    public double FromX { get; init; }

    /// <summary>Writes the chart.</summary>
    public void Write(TextWriter output)
    {
        var points = Curves.Select(curve => curve.Points.Where(point => point.X >= FromX).ToArray()).ToArray();
        var all = points.SelectMany(curve => curve).ToArray();
        if (all.Length == 0) return;
        var (minX, maxX) = (FromX, Math.Max(FromX + 1, all.Max(point => point.X)));
        var (minY, maxY) = Bounds(all.Min(point => point.Y), all.Max(point => point.Y));
        double X(double value) => Left + ((value - minX) / (maxX - minX) * (Width - Left - Right));
        double Y(double value) => Height - Bottom - ((value - minY) / (maxY - minY) * (Height - Top - Bottom));

        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {F(Width)} {F(Height)}\" width=\"{F(Width)}\" height=\"{F(Height)}\" font-family=\"system-ui, sans-serif\" font-size=\"13\">");
        Line(svg, $"<rect width=\"{F(Width)}\" height=\"{F(Height)}\" fill=\"#ffffff\"/>");
        Line(svg, $"<text x=\"{F(Left)}\" y=\"26\" font-size=\"16\" font-weight=\"600\" fill=\"#222222\">{Escape(Title)}</text>");
        foreach (var tick in Ticks(minY, maxY))
        {
            Line(svg, $"<path d=\"M{F(Left)} {F(Y(tick))}H{F(Width - Right)}\" stroke=\"#e4e4e4\"/><text x=\"{F(Left - 8)}\" y=\"{F(Y(tick) + 4)}\" text-anchor=\"end\" fill=\"#555555\">{F(tick)}</text>");
        }

        foreach (var tick in Ticks(minX, maxX))
        {
            Line(svg, $"<path d=\"M{F(X(tick))} {F(Height - Bottom)}v5\" stroke=\"#888888\"/><text x=\"{F(X(tick))}\" y=\"{F(Height - Bottom + 20)}\" text-anchor=\"middle\" fill=\"#555555\">{F(tick)}</text>");
        }

        Line(svg, $"<path d=\"M{F(Left)} {F(Height - Bottom)}H{F(Width - Right)}\" stroke=\"#888888\"/>");
        Line(svg, $"<text x=\"{F((Left + Width - Right) / 2)}\" y=\"{F(Height - 12)}\" text-anchor=\"middle\" fill=\"#333333\">{Escape(XTitle)}</text>");
        Line(svg, $"<text transform=\"translate(18 {F((Top + Height - Bottom) / 2)}) rotate(-90)\" text-anchor=\"middle\" fill=\"#333333\">{Escape(YTitle)}</text>");

        var labels = Spread([.. points.Select(curve => curve.Length > 0 ? Y(curve[^1].Y) : 0)]);
        for (var i = 0; i < points.Length; i++)
        {
            if (points[i].Length == 0) continue;
            var colour = Colours[i % Colours.Length];
            var dash = Curves[i].IsReference ? " stroke-dasharray=\"6 4\"" : "";
            var path = string.Join(' ', points[i].Select((point, at) => $"{(at == 0 ? 'M' : 'L')}{F(X(point.X))} {F(Y(point.Y))}"));
            Line(svg, $"<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{(i == 0 ? "2.6" : "1.7")}\"{dash}/>");
            var end = points[i][^1];
            Line(svg, $"<path d=\"M{F(X(end.X) + 2)} {F(Y(end.Y))}L{F(Width - Right + 14)} {F(labels[i])}\" stroke=\"{colour}\" stroke-width=\"0.8\"/>");
            Line(svg, $"<text x=\"{F(Width - Right + 18)}\" y=\"{F(labels[i] + 4)}\" fill=\"{colour}\"{(i == 0 ? " font-weight=\"600\"" : "")}>{Escape(Curves[i].Name)} {F(Math.Round(end.Y, 1))}</text>");
        }

        Line(svg, $"</svg>");
        output.Write(svg);
    }

    /// <summary>Moves labels apart so that none covers another, keeping their order.</summary>
    private static double[] Spread(double[] places)
    {
        var order = Enumerable.Range(0, places.Length).OrderBy(i => places[i]).ToArray();
        var spread = (double[])places.Clone();
        for (var i = 1; i < order.Length; i++) spread[order[i]] = Math.Max(spread[order[i]], spread[order[i - 1]] + LabelHeight);
        if (order.Length == 0) return spread;
        var over = Math.Max(0, spread[order[^1]] - (Height - Bottom));
        for (var i = order.Length - 1; i >= 0 && over > 0; i--)
        {
            spread[order[i]] -= over;
            over = i == 0 ? 0 : Math.Max(0, spread[order[i - 1]] + LabelHeight - spread[order[i]]);
        }

        return spread;
    }

    private static (double Min, double Max) Bounds(double min, double max)
    {
        var step = Step(Math.Max(1e-6, max - min));
        return (Math.Floor(min / step) * step, Math.Max(Math.Floor(min / step) + 1, Math.Ceiling(max / step)) * step);
    }

    private static IEnumerable<double> Ticks(double min, double max)
    {
        var step = Step(max - min);
        for (var tick = Math.Ceiling(min / step) * step; tick <= max + (step * 1e-9); tick += step) yield return Math.Round(tick, 9);
    }

    private static double Step(double range)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(range / 5)));
        var digits = range / 5 / power;
        return (digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10) * power;
    }

    private static string F(double value) => Math.Round(value, 2).ToString(CultureInfo.InvariantCulture);

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static void Line(StringBuilder svg, string line) => svg.Append(line).Append('\n');
}

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its label.</param>
/// <param name="Points">Its points, from left to right.</param>
/// <param name="IsReference">Drawn dashed: from elsewhere, to compare with.</param>
public sealed record PlotCurve(string Name, IReadOnlyList<(double X, double Y)> Points, bool IsReference = false);
