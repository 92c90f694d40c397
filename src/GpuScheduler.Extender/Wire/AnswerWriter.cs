using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Writes the answers as Go would (<c>ExtenderFilterResult</c>, <c>HostPriorityList</c>, <c>ExtenderPreemptionResult</c>,
/// <c>ExtenderBindingResult</c> have no JSON tags: all keys capitalised, all present).
/// </summary>
internal static class AnswerWriter
{
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

    /// <summary>The name of an asked node, as a JSON string.</summary>
    public static void WriteName(PooledBuffer answer, in AskedNode asked, ReadOnlySpan<byte> body, ClusterSnapshot snapshot)
    {
        if (asked.Row >= 0)
        {
            answer.Append(NodeOf(snapshot, asked.Row).NameJson);
            return;
        }

        var token = body[asked.Start..asked.End];
        if (token[0] != (byte)'"') answer.Append("\"\""u8);
        else if (Utf8.IsValid(token)) answer.Append(token);
        else answer.AppendJsonString(Encoding.UTF8.GetString(token[1..^1]));
    }

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

    public static NodeRow NodeOf(ClusterSnapshot snapshot, int row) => snapshot.PageOf(row).Node(row & NodePage.RowMask)!;
}
