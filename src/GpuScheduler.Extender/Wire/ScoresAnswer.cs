using System.Text;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>Writes the answer to prioritize: a <c>HostPriorityList</c>, without keys in lower case or spaces, as Go would.</summary>
internal static class ScoresAnswer
{
    private const int LongestAfterName = 24;

    /// <summary>What follows a host's name: its score, and the beginning of the next entry.</summary>
    private static readonly WidePiece[] AfterName =
        [.. Enumerable.Range(0, ScoreNormalizer.MaxScore + 1).Select(score => new WidePiece(Encoding.UTF8.GetBytes($",\"Score\":{score}}},{{\"Host\":")))];

    private static ReadOnlySpan<byte> BeforeFirst => "[{\"Host\":"u8;

    /// <summary>Writes it.</summary>
    /// <param name="call">The call, its nodes read.</param>
    /// <param name="ofWholeNodes">The snapshot of the request's whole nodes; null when it brought names.</param>
    /// <param name="scores">A score per asked node.</param>
    public static void Write(CallBuffers call, ClusterSnapshot? ofWholeNodes, ReadOnlySpan<byte> scores)
    {
        var asked = call.Asked.All;
        var padded = call.Body.WithSlack(WideWriter.Slack);
        var answer = call.Answer;
        answer.Clear();
        answer.Append(BeforeFirst);
        var writer = new WideWriter(answer, (ofWholeNodes is null ? padded.Length : 0) + (asked.Length * LongestAfterName));
        for (var i = 0; i < asked.Length; i++)
        {
            if (asked[i].Row == AskedNode.Unreadable) continue;
            AnswerWriter.WriteName(ref writer, asked[i], padded, ofWholeNodes);
            writer.Append(AfterName[scores[i]]);
        }

        writer.Flush();

        // What follows the last score announces another.
        answer.Truncate(Math.Max(1, answer.Length - BeforeFirst.Length));
        answer.Append((byte)']');
    }
}
