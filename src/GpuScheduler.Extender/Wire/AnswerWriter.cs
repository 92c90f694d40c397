using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Writes the answers as Go would (<c>ExtenderFilterResult</c>, <c>HostPriorityList</c>, <c>ExtenderPreemptionResult</c>,
/// <c>ExtenderBindingResult</c> have no JSON tags: all keys capitalised, all present).
/// </summary>
internal static class AnswerWriter
{
    /// <summary>An answer of one verb that says what went wrong with the whole call.</summary>
    public static void WriteError(AnswerText text, ExtenderVerb verb, string error)
    {
        text.Clear();
        var answer = text.Own;
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

    /// <summary>Writes the name of a node that is not in the snapshot, as it came where that can be.</summary>
    /// <param name="answer">Gets it.</param>
    /// <param name="token">What stands in the request in place of a name: a string, or null.</param>
    public static void WriteUnknownName(PooledBuffer answer, ReadOnlySpan<byte> token) => answer.Append(
        token[0] != (byte)'"' ? "\"\""u8
        : Utf8.IsValid(token) ? token
        : JsonSerializer.SerializeToUtf8Bytes(Encoding.UTF8.GetString(token[1..^1]), ExtenderJson.Default.String));

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
