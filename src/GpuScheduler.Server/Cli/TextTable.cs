using System.Text;

namespace GpuScheduler.Server.Cli;

/// <summary>Columns of text as kubectl prints them: no lines, two blanks between.</summary>
/// <param name="headers">The columns; one that begins with <c>&gt;</c> stands on the right.</param>
internal sealed class TextTable(params string[] headers)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>The table, every line indented.</summary>
    public string Render(Paint paint, string indent = "")
    {
        string[] titles = [.. headers.Select(header => header.TrimStart('>'))];
        int[] widths = [.. titles.Select((title, column) => _rows.Select(row => Paint.WidthOf(row[column])).Append(title.Length).Max())];
        var text = new StringBuilder();
        Line([.. titles.Select(paint.Dim)]);
        foreach (var row in _rows) Line(row);
        return text.ToString();

        void Line(string[] cells)
        {
            var line = new StringBuilder(indent);
            for (var i = 0; i < cells.Length; i++)
            {
                var gap = new string(' ', widths[i] - Paint.WidthOf(cells[i]));
                line.Append(headers[i].StartsWith('>') ? gap + cells[i] : cells[i] + gap);
                if (i < cells.Length - 1) line.Append("  ");
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }
    }
}
