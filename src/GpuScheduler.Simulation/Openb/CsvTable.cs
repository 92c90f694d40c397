using System.Globalization;

namespace GpuScheduler.Simulation.Openb;

/// <summary>A comma-separated file with a header line, whose cells hold no commas, quotes or line breaks.</summary>
internal sealed class CsvTable
{
    private readonly string _file;
    private readonly Dictionary<string, int> _columns = [];
    private readonly List<(int Line, string[] Cells)> _rows = [];

    private CsvTable(string file) => _file = file;

    /// <summary>How many rows there are, the header not counted.</summary>
    public int RowCount => _rows.Count;

    /// <exception cref="TraceFormatException">The file is empty or a line has another number of cells than the header.</exception>
    public static CsvTable Read(string file, TextReader reader)
    {
        var table = new CsvTable(file);
        if (reader.ReadLine() is not { } header) throw new TraceFormatException(file, 1, "", "the file is empty; expected a header line");
        foreach (var name in header.Split(',')) table._columns.TryAdd(name.Trim(), table._columns.Count);
        for (var line = 2; reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0) continue;
            var cells = text.Split(',');
            if (cells.Length != table._columns.Count)
            {
                throw new TraceFormatException(file, line, "", $"has {cells.Length} cells, the header has {table._columns.Count}");
            }

            table._rows.Add((line, cells));
        }

        return table;
    }

    public bool Has(string column) => _columns.ContainsKey(column);

    public string Text(int row, string column) => _rows[row].Cells[IndexOf(column)].Trim();

    /// <exception cref="TraceFormatException">The cell is not a whole number of that range.</exception>
    public long Number(int row, string column, long least, long most)
    {
        var text = Text(row, column);
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new TraceFormatException(_file, _rows[row].Line, column, $"'{text}' is not a whole number from {least} to {most}");
    }

    /// <exception cref="TraceFormatException">The cell is not a number.</exception>
    public double Decimal(int row, string column) =>
        double.TryParse(Text(row, column), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new TraceFormatException(_file, _rows[row].Line, column, $"'{Text(row, column)}' is not a number");

    public TraceFormatException Error(int row, string column, string problem) => new(_file, _rows[row].Line, column, problem);

    private int IndexOf(string column) => _columns.TryGetValue(column, out var index) ? index
        : throw new TraceFormatException(_file, 1, column, $"there is no such column; the header has {string.Join(", ", _columns.Keys)}");
}
