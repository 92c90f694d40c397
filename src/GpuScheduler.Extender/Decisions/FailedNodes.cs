using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// The asked nodes that cannot take the pod, and why: per class of rejections the entries of a JSON map, each with a comma behind it, and how many
/// they are. Used by one call at a time; allocates nothing once its room has grown.
/// </summary>
internal sealed class FailedNodes
{
    /// <summary>
    /// How many nodes are told a reason that is the same for all. kube-scheduler takes nodes that are left out for rejected, too; on 5,000 nodes the
    /// same sentence would be most of a megabyte for it to decode, again and again.
    /// </summary>
    private const int MaxTold = 100;

    /// <summary>How many classes there are.</summary>
    public const int Classes = (int)RejectionClass.OnlyExtenderSees + 1;

    /// <summary>How many counts there are: one per class, and one per <see cref="Reason.Label"/>.</summary>
    public static readonly int CountsLength = Classes + RejectionLabels.Names.Count;

    private readonly PooledBuffer[] _text = [.. Enumerable.Range(0, Classes).Select(_ => new PooledBuffer())];
    private readonly int[] _counts = new int[CountsLength];
    private readonly int[] _countsAtMark = new int[CountsLength];

    /// <summary>How far the text of each class went when <see cref="Mark"/> was called.</summary>
    public readonly record struct Place(int Resolvable, int Unresolvable, int OnlyExtenderSees)
    {
        public int Of(RejectionClass rejection) => rejection switch
        {
            RejectionClass.Resolvable => Resolvable,
            RejectionClass.Unresolvable => Unresolvable,
            _ => OnlyExtenderSees,
        };
    }

    /// <summary>How many there are in all.</summary>
    public int Count => _counts[0] + _counts[1] + _counts[2];

    /// <summary>How many there are by <see cref="Reason.Label"/>.</summary>
    public ReadOnlySpan<int> Labels => _counts.AsSpan(Classes);

    /// <summary>How many of a class there are.</summary>
    public int CountOf(RejectionClass rejection) => _counts[(int)rejection];

    /// <summary>The entries of a class.</summary>
    public ReadOnlySpan<byte> TextOf(RejectionClass rejection) => _text[(int)rejection].Written;

    /// <summary>Forgets them all.</summary>
    public void Clear()
    {
        foreach (var text in _text) text.Clear();
        Array.Clear(_counts);
    }

    /// <summary>Forgets them all, and gives back the room of very long answers.</summary>
    public void Shrink(int keepAtMostBytes)
    {
        foreach (var text in _text) text.Shrink(keepAtMostBytes);
        Array.Clear(_counts);
    }

    /// <summary>Adds the node of a row.</summary>
    public void Add(PageNames names, int rowInPage, Reason reason)
    {
        var (start, end) = (names.Starts[rowInPage], names.Starts[rowInPage + 1] - 1);
        var text = TextFor(reason);
        text.AppendWide(names.Padded, start, end - start);
        text.AppendWide(reason.AfterName.Padded, 0, reason.AfterName.Length);
    }

    /// <summary>Adds the nodes without a row: they are not known, or cannot be read.</summary>
    /// <param name="asked">The nodes asked for.</param>
    /// <param name="body">The request.</param>
    /// <param name="unreadable">What is wrong with unreadable ones, in their order.</param>
    public void AddOthers(AskedNodes asked, ReadOnlySpan<byte> body, List<(string Name, string Problem)> unreadable)
    {
        var problems = 0;
        foreach (var other in asked.Others)
        {
            if (other.IsUnreadable)
            {
                var (name, problem) = unreadable[problems++];
                var reason = new Reason(RejectionClass.Unresolvable, RejectionLabels.UnreadableNode, $"node cannot be read: {problem}");
                TextFor(reason).AppendJsonString(name);
                AppendReason(reason);
            }
            else
            {
                AddUnknown(body[other.Start..other.End], Reason.UnknownNode);
            }
        }
    }

    /// <summary>Adds the asked nodes, as far as <see cref="MaxTold"/> goes, where one reason speaks for all.</summary>
    /// <param name="asked">The nodes asked for.</param>
    /// <param name="body">The request.</param>
    /// <param name="snapshot">The snapshot of the rows.</param>
    /// <param name="reason">Why none of them is offered.</param>
    public void Tell(AskedNodes asked, ReadOnlySpan<byte> body, ClusterSnapshot snapshot, Reason reason)
    {
        var told = 0;
        foreach (var row in new RowList(asked.Rows))
        {
            if (told++ == MaxTold) return;
            Add(snapshot.Names.NamesOf(row >> NodePage.Shift), row & NodePage.RowMask, reason);
        }

        foreach (var other in asked.Others)
        {
            if (told++ == MaxTold) return;
            AddUnknown(body[other.Start..other.End], reason);
        }
    }

    /// <summary>Where things stand, for <see cref="GoBackTo"/> and what is told since then; only the last mark can be asked about.</summary>
    public Place Mark()
    {
        _counts.CopyTo(_countsAtMark, 0);
        return new Place(_text[0].Length, _text[1].Length, _text[2].Length);
    }

    /// <summary>Takes back the text added since a mark.</summary>
    public void GoBackTo(in Place mark)
    {
        for (var rejection = 0; rejection < Classes; rejection++) _text[rejection].Truncate(mark.Of((RejectionClass)rejection));
    }

    /// <summary>Adds entries; <see cref="AddCounts"/> counts them.</summary>
    public void Append(RejectionClass rejection, ReadOnlySpan<byte> entries) => _text[(int)rejection].Append(entries);

    /// <summary>Counts entries; <see cref="CountsLength"/> numbers.</summary>
    public void AddCounts(ReadOnlySpan<int> counts)
    {
        for (var i = 0; i < counts.Length; i++) _counts[i] += counts[i];
    }

    /// <summary>Copies how many were added since a mark.</summary>
    public void CopyCountsSince(in Place mark, Span<int> counts)
    {
        for (var i = 0; i < counts.Length; i++) counts[i] = _counts[i] - _countsAtMark[i];
    }

    /// <summary>The entries of a class added since a mark.</summary>
    public ReadOnlySpan<byte> TextSince(in Place mark, RejectionClass rejection) => TextOf(rejection)[mark.Of(rejection)..];

    /// <summary>How long all entries added since a mark are.</summary>
    public int LengthSince(in Place mark) => _text[0].Length + _text[1].Length + _text[2].Length - mark.Resolvable - mark.Unresolvable - mark.OnlyExtenderSees;

    private void AddUnknown(ReadOnlySpan<byte> token, Reason reason)
    {
        AnswerWriter.WriteUnknownName(TextFor(reason), token);
        AppendReason(reason);
    }

    private PooledBuffer TextFor(Reason reason)
    {
        _counts[(int)reason.Class]++;
        _counts[Classes + reason.Label]++;
        return _text[(int)reason.Class];
    }

    private void AppendReason(Reason reason) => _text[(int)reason.Class].Append(reason.AfterName.Padded[..reason.AfterName.Length]);
}
