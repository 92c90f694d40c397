using System.Globalization;
using System.Text;
using GpuScheduler.Core.Explaining;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Cli;

/// <summary>Tells an explanation to a person.</summary>
internal static class ExplanationText
{
    private const int ExamplesShown = 3;

    public static string Write(ExplanationBody body, Paint paint)
    {
        var text = new StringBuilder();
        var copies = body.Copies > 1 ? $", {body.Copies} copies" : "";
        text.Append($"{paint.Bold($"{body.Kind} {body.Namespace}/{body.Name}")} ({body.State}{copies}) {Coloured(body, paint)}\n");
        text.Append($"  asks for {string.Join(", ", body.Requests.Select(request => AmountText.Of(request.Key, request.Value)))}");
        text.Append(body.Shape.Contains(" model=", StringComparison.Ordinal) ? $", model {body.Shape[(body.Shape.IndexOf(" model=", StringComparison.Ordinal) + 7)..]}\n" : "\n");
        if (body.WouldFit.Count > 0)
        {
            text.Append($"\n{paint.Bold("What would help")}\n");
            foreach (var remedy in body.WouldFit) text.Append($"  * {remedy.Sentence}\n");
        }

        if (body.Reasons.Count > 0 && body.Feasible == 0)
        {
            var table = new TextTable("REASON", ">NODES", ">FOR IT ALONE", "EXAMPLES");
            foreach (var reason in body.Reasons) table.Add(reason.Reason, Number(reason.Nodes), Number(reason.Alone), Examples(reason.Examples, reason.Nodes));
            text.Append($"\n{paint.Bold("Why not")}\n{table.Render(paint, "  ")}");
        }

        var best = body.Best.Count > 0 ? body.Best : body.Decision?.Best ?? [];
        if (best.Count > 0)
        {
            var table = new TextTable("NODE", ">SCORE", "GPUS", "MADE OF");
            foreach (var node in best)
            {
                table.Add(
                    node.Name, Number(node.Score), string.Join(',', node.Devices),
                    string.Join(", ", node.Terms.Select(term => string.Create(CultureInfo.InvariantCulture, $"{term.Name} {Math.Round(term.Points, 3) + 0.0:0.###}"))));
            }

            text.Append($"\n{paint.Bold(body.Best.Count > 0 ? "Best nodes" : "Best nodes when it was decided")}\n{table.Render(paint, "  ")}");
        }

        foreach (var note in body.Notes) text.Append($"\n{paint.Yellow("Note")}: {note}\n");
        return text.ToString();
    }

    private static string Coloured(ExplanationBody body, Paint paint)
    {
        var isGood = body.Node is not null || body.CopiesThatFit >= body.Copies;
        return isGood ? paint.Green(body.Summary) : body.CopiesThatFit > 0 ? paint.Yellow(body.Summary) : paint.Red(body.Summary);
    }

    private static string Examples(IReadOnlyList<string> names, int all) =>
        string.Join(", ", names.Take(ExamplesShown)) + (all > ExamplesShown ? ", ..." : "");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
