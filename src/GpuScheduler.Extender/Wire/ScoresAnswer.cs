using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>Writes the answer to prioritize: a <c>HostPriorityList</c> with the keys of Go, which have no JSON tags.</summary>
internal static class ScoresAnswer
{
    /// <summary>The two bytes of every score, as they lie in memory.</summary>
    private static readonly ushort[] Digits =
        [.. Enumerable.Range(0, ScoreNormalizer.MaxScore + 1).Select(score => MemoryMarshal.Read<ushort>(Encoding.ASCII.GetBytes($"{score,2}")))];

    /// <summary>The entries of pages, for as long as there are their names.</summary>
    private static readonly ConditionalWeakTable<PageNames, ScoreEntries> Entries = [];

    /// <summary>Writes it.</summary>
    /// <param name="call">The call, its nodes read.</param>
    /// <param name="snapshot">The snapshot of the nodes' rows.</param>
    /// <param name="scores">A score per row.</param>
    public static void Write(CallBuffers call, ClusterSnapshot snapshot, ReadOnlySpan<byte> scores)
    {
        call.Answer.Clear();
        var answer = call.Answer.Own;
        answer.Append((byte)'[');
        for (var page = 0; page < snapshot.Pages.Length; page++)
        {
            var asked = call.Asked.Rows.Slice(page * NodePage.BitmapWords, NodePage.BitmapWords);
            if (!asked.ContainsAnyExcept(0UL)) continue;
            var entries = Entries.GetValue(snapshot.Names.NamesOf(page), static names => new ScoreEntries(names));
            var scoresOfPage = scores.Slice(page * NodePage.RowCount, NodePage.RowCount);
            if (asked.SequenceEqual(snapshot.Pages[page].Live)) WritePage(answer, entries, asked, scoresOfPage);
            else WriteRows(answer, entries, asked, scoresOfPage);
        }

        foreach (var other in call.Asked.Others)
        {
            if (other.IsUnreadable) continue;
            answer.Append("{\"Host\":"u8);
            AnswerWriter.WriteUnknownName(answer, call.Body.Written[other.Start..other.End]);
            answer.Append(ScoreEntries.AfterName);
        }

        // The comma behind the last.
        if (answer.Length > 1) answer.Truncate(answer.Length - 1);
        answer.Append((byte)']');
    }

    private static void WritePage(PooledBuffer answer, ScoreEntries entries, ReadOnlySpan<ulong> rows, ReadOnlySpan<byte> scores)
    {
        var length = entries.Text.Length;
        var text = answer.GetSpan(length)[..length];
        entries.Text.CopyTo(text);
        foreach (var row in new RowList(rows)) Set(text, entries.Starts[row + 1], scores[row]);
        answer.Advance(length);
    }

    private static void WriteRows(PooledBuffer answer, ScoreEntries entries, ReadOnlySpan<ulong> rows, ReadOnlySpan<byte> scores)
    {
        foreach (var row in new RowList(rows))
        {
            var entry = entries.Text[entries.Starts[row]..entries.Starts[row + 1]];
            var text = answer.GetSpan(entry.Length);
            entry.CopyTo(text);
            Set(text, entry.Length, scores[row]);
            answer.Advance(entry.Length);
        }
    }

    private static void Set(Span<byte> text, int entryEnd, byte score) =>
        MemoryMarshal.Write(text[(entryEnd - ScoreEntries.ScoreFromEnd)..], Digits[score]);
}
