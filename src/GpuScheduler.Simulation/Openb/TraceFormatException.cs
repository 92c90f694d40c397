namespace GpuScheduler.Simulation.Openb;

/// <summary>A trace file that cannot be read: the message names the file, line and column and says what was expected there.</summary>
public sealed class TraceFormatException : FormatException
{
    /// <summary>An error at a place in a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="line">Line number, the first is 1; 0 for the file as a whole.</param>
    /// <param name="column">The column's name; empty for the line as a whole.</param>
    /// <param name="problem">What is wrong and what was expected.</param>
    public TraceFormatException(string file, int line, string column, string problem)
        : base(file + (line > 0 ? $", line {line}" : "") + (column.Length > 0 ? $", column {column}" : "") + ": " + problem)
    {
    }
}
