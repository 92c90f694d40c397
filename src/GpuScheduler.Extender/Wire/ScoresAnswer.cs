using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Writes the answer to prioritize: a <c>HostPriorityList</c> with the keys of Go, which have no JSON tags. Pages whose nodes are all asked for are added
/// as they are kept, and their scores written when the answer has been copied. Used by one call at a time.
/// </summary>
internal sealed class ScoresAnswer : IAnswerPatch
{
    /// <summary>The two bytes of every score, as they lie in memory.</summary>
    private static readonly ushort[] Digits =
        [.. Enumerable.Range(0, ScoreNormalizer.MaxScore + 1).Select(score => MemoryMarshal.Read<ushort>(Encoding.ASCII.GetBytes($"{score,2}")))];

    /// <summary>The entries of pages, for as long as there are their names.</summary>
    private static readonly ConditionalWeakTable<PageNames, ScoreEntries> Entries = [];

    private readonly List<WholePage> _pages = [];
    private byte[] _scores = [];

    /// <summary>Room for one score per row, to be filled before <see cref="Write"/>.</summary>
    public Span<byte> ScoresOf(ClusterSnapshot snapshot)
    {
        var rows = snapshot.Pages.Length * NodePage.RowCount;
        if (_scores.Length < rows) _scores = new byte[rows];
        return _scores.AsSpan(0, rows);
    }

    /// <summary>Writes it.</summary>
    /// <param name="call">The call, its nodes read.</param>
    /// <param name="snapshot">The snapshot of the nodes' rows.</param>
    public void Write(CallBuffers call, ClusterSnapshot snapshot)
    {
        var answer = call.Answer;
        answer.Clear();
        _pages.Clear();
        answer.Own.Append((byte)'[');
        for (var number = 0; number < snapshot.Pages.Length; number++)
        {
            var asked = call.Asked.Rows.Slice(number * NodePage.BitmapWords, NodePage.BitmapWords);
            if (!asked.ContainsAnyExcept(0UL)) continue;
            var page = snapshot.Pages[number];
            var entries = Entries.GetValue(snapshot.Names.NamesOf(number), static names => new ScoreEntries(names));
            if (asked.SequenceEqual(page.Live))
            {
                _pages.Add(new WholePage(page, entries, answer.Length));
                answer.Add(entries.Text);
            }
            else
            {
                WriteRows(answer.Own, entries, asked, _scores.AsSpan(page.FirstRow, NodePage.RowCount));
            }
        }

        foreach (var other in call.Asked.Others)
        {
            if (other.IsUnreadable) continue;
            answer.Own.Append("{\"Host\":"u8);
            AnswerWriter.WriteUnknownName(answer.Own, call.Body.Written[other.Start..other.End]);
            answer.Own.Append(ScoreEntries.AfterName);
        }

        answer.DropComma(1);
        answer.Own.Append((byte)']');
        answer.Patch = this;
    }

    /// <summary>Lets go of the pages of the last answer.</summary>
    public void Clear() => _pages.Clear();

    /// <inheritdoc/>
    public void Apply(Span<byte> answer)
    {
        foreach (var (page, entries, start) in _pages)
        {
            var text = answer[start..];
            var scores = _scores.AsSpan(page.FirstRow, NodePage.RowCount);
            if (entries.Step > 0) SetAll(text, entries.Step, scores);
            else foreach (var row in new RowList(page.Live)) Set(text, entries.Starts[row + 1], scores[row]);
        }
    }

    private static void SetAll(Span<byte> text, int step, ReadOnlySpan<byte> scores)
    {
        for (var entryEnd = step; !scores.IsEmpty; entryEnd += step, scores = scores[1..]) Set(text, entryEnd, scores[0]);
    }

    private static void WriteRows(PooledBuffer answer, ScoreEntries entries, ReadOnlySpan<ulong> rows, ReadOnlySpan<byte> scores)
    {
        foreach (var row in new RowList(rows))
        {
            var entry = entries.Text.Span[entries.Starts[row]..entries.Starts[row + 1]];
            var text = answer.GetSpan(entry.Length);
            entry.CopyTo(text);
            Set(text, entry.Length, scores[row]);
            answer.Advance(entry.Length);
        }
    }

    private static void Set(Span<byte> text, int entryEnd, byte score) =>
        MemoryMarshal.Write(text[(entryEnd - ScoreEntries.ScoreFromEnd)..], Digits[score]);

    private readonly record struct WholePage(NodePage Page, ScoreEntries Entries, int Start);
}
