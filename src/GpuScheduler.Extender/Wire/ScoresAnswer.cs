using System.Text;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>Writes the answer to prioritize: a <c>HostPriorityList</c>, without keys in lower case or spaces, as Go would.</summary>
internal static class ScoresAnswer
{
    private const int LikelyEntry = 48;

    /// <summary>What follows a host's name: its score, and the beginning of the next entry.</summary>
    private static readonly WidePiece[] AfterName =
        [.. Enumerable.Range(0, ScoreNormalizer.MaxScore + 1).Select(score => new WidePiece(Encoding.UTF8.GetBytes($",\"Score\":{score}}},{{\"Host\":")))];

    private static ReadOnlySpan<byte> BeforeFirst => "[{\"Host\":"u8;

    /// <summary>Writes it.</summary>
    /// <param name="call">The call, its nodes read.</param>
    /// <param name="snapshot">The snapshot of the nodes' rows.</param>
    /// <param name="scores">A score per row.</param>
    public static void Write(CallBuffers call, ClusterSnapshot snapshot, ReadOnlySpan<byte> scores)
    {
        call.Answer.Clear();
        var answer = call.Answer.Own;
        answer.Append(BeforeFirst);
        var writer = new WideWriter(answer, call.Asked.Count * LikelyEntry);
        var (page, names) = (-1, default(PageNames));
        foreach (var row in new RowList(call.Asked.Rows))
        {
            if (row >> NodePage.Shift != page || names is null) names = snapshot.Names.NamesOf(page = row >> NodePage.Shift);
            var (start, end) = (names.Starts[row & NodePage.RowMask], names.Starts[(row & NodePage.RowMask) + 1] - 1);
            writer.Append(names.Padded, start, end - start);
            writer.Append(AfterName[scores[row]]);
        }

        writer.Flush();
        foreach (var other in call.Asked.Others)
        {
            if (other.IsUnreadable) continue;
            AnswerWriter.WriteUnknownName(answer, call.Body.Written[other.Start..other.End]);
            answer.Append(AfterName[0].Padded[..AfterName[0].Length]);
        }

        // What follows the last score announces another.
        answer.Truncate(Math.Max(1, answer.Length - BeforeFirst.Length));
        answer.Append((byte)']');
    }
}
