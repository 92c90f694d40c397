using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>Writes the answer to filter: an <c>ExtenderFilterResult</c>, all keys present, as Go would.</summary>
internal static class FilterAnswer
{
    /// <summary>Writes it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="offered">The nodes to offer, one bit per row.</param>
    /// <param name="snapshot">The snapshot of the rows.</param>
    /// <param name="isWhole">Whether the request brought whole nodes, and not names.</param>
    /// <param name="maps">What goes to which of the two maps of failed nodes.</param>
    public static void Write(CallBuffers call, ReadOnlySpan<ulong> offered, ClusterSnapshot snapshot, bool isWhole, FailureMaps maps)
    {
        var answer = call.Answer;
        answer.Clear();
        answer.Own.Append(isWhole ? "{\"Nodes\":{\"metadata\":{},\"items\":["u8 : "{\"Nodes\":null,\"NodeNames\":["u8);
        if (isWhole) WriteWhole(call, offered);
        else WriteNames(answer, offered, snapshot);
        answer.Own.Append(isWhole ? "]},\"NodeNames\":null,\"FailedNodes\":{"u8 : "],\"FailedNodes\":{"u8);
        WriteFailed(answer, call.Failed, maps.Failed);
        answer.Own.Append("},\"FailedAndUnresolvableNodes\":{"u8);
        WriteFailed(answer, call.Failed, maps.FailedAndUnresolvable);
        answer.Own.Append("},\"Error\":\"\"}"u8);
    }

    private static void WriteNames(AnswerText answer, ReadOnlySpan<ulong> offered, ClusterSnapshot snapshot)
    {
        var before = answer.Length;
        for (var page = 0; page < snapshot.Pages.Length; page++)
        {
            var rows = offered.Slice(page * NodePage.BitmapWords, NodePage.BitmapWords);
            if (!rows.ContainsAnyExcept(0UL)) continue;
            var names = snapshot.Names.NamesOf(page);
            if (rows.SequenceEqual(snapshot.Pages[page].Live)) answer.Add(names.Text);
            else WriteNames(answer.Own, rows, names);
        }

        answer.DropComma(before);
    }

    private static void WriteNames(PooledBuffer answer, ReadOnlySpan<ulong> rows, PageNames names)
    {
        var writer = new WideWriter(answer, names.Padded.Length);
        foreach (var row in new RowList(rows)) writer.Append(names.Padded, names.Starts[row], names.Starts[row + 1] - names.Starts[row]);
        writer.Flush();
    }

    /// <summary>Copies the whole nodes as they came.</summary>
    private static void WriteWhole(CallBuffers call, ReadOnlySpan<ulong> offered)
    {
        var answer = call.Answer;
        var before = answer.Length;
        foreach (var row in new RowList(offered))
        {
            var (start, end) = call.Asked.PlaceOf(row);
            answer.Own.Append(call.Body.Written[start..end]);
            answer.Own.Append((byte)',');
        }

        answer.DropComma(before);
    }

    /// <summary>Writes the entries of one of the two maps of failed nodes.</summary>
    private static void WriteFailed(AnswerText answer, FailedNodes failed, ReadOnlySpan<RejectionClass> rejections)
    {
        var before = answer.Length;
        foreach (var rejection in rejections) failed.WriteTo(answer, rejection);
        answer.DropComma(before);
    }
}
