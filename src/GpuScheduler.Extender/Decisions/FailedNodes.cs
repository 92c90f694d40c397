using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// The asked nodes that cannot take the pod, and why, as they go into an answer: pages that are known already, and what is written for this call
/// alone. Used by one call at a time.
/// </summary>
internal sealed class FailedNodes
{
    /// <summary>
    /// How many nodes are told a reason that is the same for all. kube-scheduler takes nodes that are left out for rejected, too; on 5,000 nodes the
    /// same sentence would be most of a megabyte for it to decode, again and again.
    /// </summary>
    private const int MaxTold = 100;

    private readonly List<PageFailures> _pages = [];
    private readonly int[] _counts = new int[FailureEntries.Classes];
    private readonly int[] _labels = new int[RejectionLabels.Names.Count];

    /// <summary>Room to write a page in that will be kept.</summary>
    public FailureEntries Page { get; } = new();

    /// <summary>What is written for this call alone.</summary>
    public FailureEntries Own { get; } = new();

    /// <summary>How many there are in all.</summary>
    public int Count =>
        CountOf(RejectionClass.Resolvable) + CountOf(RejectionClass.Unresolvable) + CountOf(RejectionClass.OnlyExtenderSees);

    /// <summary>How many of a class there are.</summary>
    public int CountOf(RejectionClass rejection) => _counts[(int)rejection] + Own.Counts[(int)rejection];

    /// <summary>Writes how many there are by <see cref="Reason.Label"/>.</summary>
    public void CopyLabelsTo(Span<int> labels)
    {
        for (var label = 0; label < _labels.Length; label++) labels[label] = _labels[label] + Own.Labels[label];
    }

    /// <summary>Adds the entries of a class, each with a comma behind it, to an answer.</summary>
    public void WriteTo(AnswerText answer, RejectionClass rejection)
    {
        foreach (var page in _pages) answer.Add(page.TextOf(rejection));
        answer.Own.Append(Own.TextOf(rejection));
    }

    /// <summary>Forgets them all.</summary>
    public void Clear()
    {
        _pages.Clear();
        Own.Clear();
        Array.Clear(_counts);
        Array.Clear(_labels);
    }

    /// <summary>Adds the failed nodes of a page.</summary>
    public void Add(PageFailures page)
    {
        _pages.Add(page);
        for (var i = 0; i < _counts.Length; i++) _counts[i] += page.Counts[i];
        for (var i = 0; i < _labels.Length; i++) _labels[i] += page.Labels[i];
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
            if (!other.IsUnreadable)
            {
                Own.AddUnknown(body[other.Start..other.End], Reason.UnknownNode);
                continue;
            }

            var (name, problem) = unreadable[problems++];
            Own.AddUnreadable(name, problem);
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
            if (told++ == MaxTold) break;
            Own.Add(snapshot.Names.NamesOf(row >> NodePage.Shift), row & NodePage.RowMask, reason);
        }

        foreach (var other in asked.Others)
        {
            if (told++ >= MaxTold) break;
            Own.AddUnknown(body[other.Start..other.End], reason);
        }
    }
}
