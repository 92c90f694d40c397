using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>Writes the answer to filter: an <c>ExtenderFilterResult</c>, all keys present, as Go would.</summary>
internal static class FilterAnswer
{
    /// <summary>Writes it.</summary>
    /// <param name="call">The call, its nodes sorted.</param>
    /// <param name="ofWholeNodes">The snapshot of the request's whole nodes; null when it brought names.</param>
    public static void Write(CallBuffers call, ClusterSnapshot? ofWholeNodes)
    {
        var isWhole = ofWholeNodes is not null;
        var answer = call.Answer;
        answer.Clear();
        answer.Append(isWhole ? "{\"Nodes\":{\"metadata\":{},\"items\":["u8 : "{\"Nodes\":null,\"NodeNames\":["u8);
        WriteOffered(call);
        answer.Append(isWhole ? "]},\"NodeNames\":null,\"FailedNodes\":{"u8 : "],\"FailedNodes\":{"u8);
        WriteFailed(call, call.Verdicts.Resolvable, ofWholeNodes);
        answer.Append("},\"FailedAndUnresolvableNodes\":{"u8);
        WriteFailed(call, call.Verdicts.Unresolvable, ofWholeNodes);
        answer.Append("},\"Error\":\"\"}"u8);
    }

    /// <summary>Copies what was asked, name or whole object, as it came.</summary>
    private static void WriteOffered(CallBuffers call)
    {
        var asked = call.Asked.All;
        var offered = call.Verdicts.Offered;
        if (offered.IsEmpty) return;
        if (call.Asked.IsUnbroken && offered.Length == asked.Length)
        {
            call.Answer.Append(call.Body.Written[asked[0].Start..asked[^1].End]);
            return;
        }

        var padded = call.Body.WithSlack(WideWriter.Slack);
        var writer = new WideWriter(call.Answer, padded.Length);
        foreach (var index in offered)
        {
            var (_, start, end) = asked[index];
            writer.Append(padded, start, end - start);
            writer.Append((byte)',');
        }

        writer.Unwrite();
        writer.Flush();
    }

    /// <summary>Writes the entries of one of the two maps of failed nodes.</summary>
    private static void WriteFailed(CallBuffers call, ReadOnlySpan<Failure> failures, ClusterSnapshot? ofWholeNodes)
    {
        if (failures.IsEmpty) return;
        var asked = call.Asked.All;
        var reasons = call.Verdicts.Reasons;
        var padded = call.Body.WithSlack(WideWriter.Slack);
        var bytes = 0;
        foreach (var (index, reason) in failures) bytes += asked[index].End - asked[index].Start + reasons[reason].AfterName.Length;
        var writer = new WideWriter(call.Answer, bytes);
        var unreadable = 0;
        foreach (var (index, reason) in failures)
        {
            if (asked[index].Row == AskedNode.Unreadable) writer.AppendJsonString(call.Unreadable[unreadable++].Name);
            else AnswerWriter.WriteName(ref writer, asked[index], padded, ofWholeNodes);
            writer.Append(reasons[reason].AfterName);
        }

        writer.Unwrite();
        writer.Flush();
    }
}
