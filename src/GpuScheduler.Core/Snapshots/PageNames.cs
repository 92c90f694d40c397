namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// The names of the nodes of one page as they stand in a JSON array: each a string with its quotes, and a comma behind it, in the order of the
/// rows. Answers are copied from it, a whole page at once where all its nodes are in them. Never changes.
/// </summary>
public sealed class PageNames
{
    /// <summary>How many bytes of anything stand behind the last name, so that a reader may take more than there is.</summary>
    public const int Slack = 32;

    private readonly byte[] _text;
    private readonly int[] _starts = new int[NodePage.RowCount + 1];

    internal PageNames(ReadOnlySpan<NodeRow?> rows)
    {
        var length = 0;
        foreach (var node in rows) length += node is null ? 0 : node.JsonName.Length + 1;
        _text = new byte[length + Slack];
        var at = 0;
        for (var row = 0; row < rows.Length; row++)
        {
            _starts[row] = at;
            if (rows[row] is not { } node) continue;
            node.JsonName.CopyTo(_text, at);
            at += node.JsonName.Length;
            _text[at++] = (byte)',';
        }

        _starts.AsSpan(rows.Length).Fill(at);
    }

    /// <summary>All names, each with its comma, and <see cref="Slack"/> bytes more.</summary>
    public ReadOnlySpan<byte> Padded => _text;

    /// <summary>All names, each with its comma.</summary>
    public ReadOnlyMemory<byte> Text => _text.AsMemory(0, _starts[^1]);

    /// <summary>Where the name of each row begins, and last where the text ends. A row without a node has no bytes.</summary>
    public ReadOnlySpan<int> Starts => _starts;
}
