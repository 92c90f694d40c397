using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Writes the answers as Go would (<c>ExtenderFilterResult</c>, <c>HostPriorityList</c>, <c>ExtenderPreemptionResult</c>,
/// <c>ExtenderBindingResult</c> have no JSON tags: all keys capitalised, all present).
/// </summary>
internal static class AnswerWriter
{
    /// <summary>The most that <see cref="AfterName"/> gives.</summary>
    public const int LongestAfterName = 24;

    private static readonly byte[][] ScoresAfterName =
        [.. Enumerable.Range(0, ScoreNormalizer.MaxScore + 1).Select(score => Encoding.UTF8.GetBytes($",\"Score\":{score}}},{{\"Host\":"))];

    /// <summary>The beginning of a HostPriorityList that is not empty.</summary>
    public static ReadOnlySpan<byte> BeforeFirstScore => "[{\"Host\":"u8;

    /// <summary>An answer of one verb that says what went wrong with the whole call.</summary>
    public static void WriteError(PooledBuffer answer, ExtenderVerb verb, string error)
    {
        answer.Clear();
        switch (verb)
        {
            case ExtenderVerb.Prioritize:
                // A HostPriorityList has no place for an error; an empty one leaves the choice to kube-scheduler's own scores.
                answer.Append("[]"u8);
                return;
            case ExtenderVerb.Filter:
                answer.Append("{\"Nodes\":null,\"NodeNames\":null,\"FailedNodes\":{},\"FailedAndUnresolvableNodes\":{},\"Error\":"u8);
                break;
            case ExtenderVerb.Preempt:
                // Go skips the Error it does not know: no node is left to preempt on. It is there for people.
                answer.Append("{\"NodeNameToMetaVictims\":{},\"Error\":"u8);
                break;
            default:
                answer.Append("{\"Error\":"u8);
                break;
        }

        answer.AppendJsonString(error);
        answer.Append((byte)'}');
    }

    /// <summary>The name of an asked node, as a JSON string: the one in the request, or that of the whole Node object there.</summary>
    /// <param name="asked">The node.</param>
    /// <param name="body">The request.</param>
    /// <param name="ofWholeNodes">The snapshot of the request's whole nodes; null when it brought names.</param>
    public static ReadOnlySpan<byte> NameOf(in AskedNode asked, ReadOnlySpan<byte> body, ClusterSnapshot? ofWholeNodes)
    {
        if (ofWholeNodes is not null) return ofWholeNodes.PageOf(asked.Row).Node(asked.Row & NodePage.RowMask)!.NameJson;
        var token = body[asked.Start..asked.End];
        return asked.Row >= 0 ? token
            : token[0] != (byte)'"' ? "\"\""u8
            : Utf8.IsValid(token) ? token
            : JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(token[1..^1]), ExtenderJson.Default.String);
    }

    /// <summary>What follows a host's name in a HostPriorityList: its score, and the beginning of the next entry.</summary>
    public static ReadOnlySpan<byte> AfterName(byte score) => ScoresAfterName[score];

    /// <summary>An ExtenderPreemptionResult.</summary>
    public static void WritePreemption(PooledBuffer answer, IReadOnlyList<NodeVictims> nodes)
    {
        answer.Append("{\"NodeNameToMetaVictims\":{"u8);
        for (var i = 0; i < nodes.Count; i++)
        {
            if (i > 0) answer.Append((byte)',');
            answer.AppendJsonString(nodes[i].NodeName);
            answer.Append(":{\"Pods\":["u8);
            for (var pod = 0; pod < nodes[i].Pods.Count; pod++)
            {
                answer.Append(pod > 0 ? ",{\"UID\":"u8 : "{\"UID\":"u8);
                answer.AppendJsonString(nodes[i].Pods[pod].Uid);
                answer.Append((byte)'}');
            }

            answer.Append("],\"NumPDBViolations\":"u8);
            Utf8Formatter.TryFormat(nodes[i].PdbViolations, answer.GetSpan(20), out var written);
            answer.Advance(written);
            answer.Append((byte)'}');
        }

        answer.Append("}}"u8);
    }
}
