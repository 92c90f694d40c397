using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Decisions;

/// <summary>A node that filter does not offer.</summary>
/// <param name="Index">Which of the asked nodes.</param>
/// <param name="Reason">The number of the reason, for <see cref="Verdicts.Reasons"/>.</param>
internal readonly record struct Failure(int Index, int Reason);

/// <summary>Which of the two maps the nodes of one class of rejections go to: 1 where they do, else 0.</summary>
/// <param name="Resolvable">To <c>FailedNodes</c>.</param>
/// <param name="Unresolvable">To <c>FailedAndUnresolvableNodes</c>.</param>
/// <param name="OnlyExtenderSees">They are nodes that only the extender rejects.</param>
internal readonly record struct FailureMap(int Resolvable, int Unresolvable, int OnlyExtenderSees);

/// <summary>
/// Sorts the asked nodes into those that filter offers and the two maps of those it does not. Which of them a node goes to nobody can
/// foresee, so none of it is a branch: each is noted down in all lists, and only the right one grows. Used by one call at a time.
/// </summary>
internal sealed class Verdicts
{
    /// <summary>
    /// How many nodes are told a reason that is the same for all. kube-scheduler takes nodes that are left out for rejected, too; on 5,000 nodes the
    /// same sentence would be most of a megabyte for it to decode, again and again.
    /// </summary>
    private const int MaxTold = 100;

    private int[] _offered = [];
    private int[] _failed = [];
    private int[] _numbers = [];
    private Failure[] _resolvable = [];
    private Failure[] _unresolvable = [];
    private int _offeredCount;
    private int _resolvableCount;
    private int _unresolvableCount;

    // Reasons without a number: of nodes that are not known, or cannot be read.
    private readonly List<Reason> _others = [];
    private ShapeAnswers? _answers;

    /// <summary>The nodes to offer, as places in the list of asked nodes.</summary>
    public ReadOnlySpan<int> Offered => _offered.AsSpan(0, _offeredCount);

    /// <summary>What goes to <c>FailedNodes</c>.</summary>
    public ReadOnlySpan<Failure> Resolvable => _resolvable.AsSpan(0, _resolvableCount);

    /// <summary>What goes to <c>FailedAndUnresolvableNodes</c>.</summary>
    public ReadOnlySpan<Failure> Unresolvable => _unresolvable.AsSpan(0, _unresolvableCount);

    /// <summary>Feasible nodes that are not on the shortlist.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Nodes that only the extender rejects.</summary>
    public int OnlyExtenderSees { get; private set; }

    /// <summary>Makes the reasons' numbers into reasons.</summary>
    public readonly ref struct ReasonTable(ReadOnlySpan<Reason> numbered, List<Reason> others)
    {
        private readonly ReadOnlySpan<Reason> _numbered = numbered;

        public Reason this[int number] => number >= 0 ? _numbered[number] : others[~number];
    }

    /// <summary>The reasons of all failures.</summary>
    public ReasonTable Reasons => new(_answers!.Reasons, _others);

    /// <summary>Sorts the nodes.</summary>
    /// <param name="asked">The nodes.</param>
    /// <param name="fits">One bit per row.</param>
    /// <param name="chosen">The shortlist, one bit per asked node; empty when all feasible ones are on it.</param>
    /// <param name="snapshot">The snapshot of the rows.</param>
    /// <param name="answers">Knows reasons.</param>
    /// <param name="unreadable">What is wrong with unreadable nodes, in their order.</param>
    /// <param name="maps">Per class of rejections, the map it goes to.</param>
    /// <param name="labels">Counts the nodes that fail, by <see cref="Reason.Label"/>.</param>
    public void Sort(
        ReadOnlySpan<AskedNode> asked, ReadOnlySpan<ulong> fits, ReadOnlySpan<ulong> chosen, ClusterSnapshot snapshot, ShapeAnswers answers,
        List<(string Name, string Problem)> unreadable, ReadOnlySpan<FailureMap> maps, Span<int> labels)
    {
        Begin(asked.Length, answers);
        var failed = Divide(asked, fits, chosen);
        var numbers = _numbers.AsSpan(0, failed);
        if (failed > 0) Explain(asked, snapshot, answers, unreadable, _failed.AsSpan(0, failed), numbers);
        Map(numbers, maps, labels);
    }

    /// <summary>Sorts the nodes where one reason speaks for all, which are told it as far as <see cref="MaxTold"/> goes; the others are left out.</summary>
    /// <param name="asked">The nodes.</param>
    /// <param name="fits">One bit per row: the nodes to offer.</param>
    /// <param name="reason">Why none is offered; null when some are, and nobody asks about the others.</param>
    /// <param name="answers">The answers to pods of the pod's shape.</param>
    /// <param name="maps">Per class of rejections, the map it goes to.</param>
    /// <param name="labels">Counts the nodes that are told, by <see cref="Reason.Label"/>.</param>
    public void Sort(
        ReadOnlySpan<AskedNode> asked, ReadOnlySpan<ulong> fits, Reason? reason, ShapeAnswers answers, ReadOnlySpan<FailureMap> maps, Span<int> labels)
    {
        Begin(asked.Length, answers);
        var failed = Divide(asked, fits, []);
        var told = reason is null ? 0 : Math.Min(failed, MaxTold);
        LeftOut = failed - told;
        var numbers = _numbers.AsSpan(0, told);
        if (reason is not null) numbers.Fill(NumberOf(reason));
        Map(numbers, maps, labels);
    }

    private void Begin(int nodes, ShapeAnswers answers)
    {
        Clear();
        _answers = answers;
        if (_offered.Length >= nodes) return;
        var room = Math.Max(256, nodes);
        (_offered, _failed, _numbers, _resolvable, _unresolvable) = (new int[room], new int[room], new int[room], new Failure[room], new Failure[room]);
    }

    private void Map(ReadOnlySpan<int> numbers, ReadOnlySpan<FailureMap> maps, Span<int> labels)
    {
        var (resolvable, unresolvable, onlyOurs) = (0, 0, 0);
        var reasons = Reasons;
        for (var i = 0; i < numbers.Length; i++)
        {
            var failure = new Failure(_failed[i], numbers[i]);
            var reason = reasons[numbers[i]];
            var map = maps[(int)reason.Class];
            labels[reason.Label]++;
            _resolvable[resolvable] = failure;
            _unresolvable[unresolvable] = failure;
            resolvable += map.Resolvable;
            unresolvable += map.Unresolvable;
            onlyOurs += map.OnlyExtenderSees;
        }

        (_resolvableCount, _unresolvableCount, OnlyExtenderSees) = (resolvable, unresolvable, onlyOurs);
    }

    /// <summary>Forgets the reasons of the last call.</summary>
    public void Clear()
    {
        (_offeredCount, _resolvableCount, _unresolvableCount, LeftOut, OnlyExtenderSees) = (0, 0, 0, 0, 0);
        _others.Clear();
        _answers = null;
    }

    private int Divide(ReadOnlySpan<AskedNode> asked, ReadOnlySpan<ulong> fits, ReadOnlySpan<ulong> chosen)
    {
        var offered = _offered.AsSpan(0, asked.Length);
        var failed = _failed.AsSpan(0, asked.Length);
        var (offers, failures) = (0, 0);
        for (var i = 0; i < asked.Length; i++)
        {
            var row = asked[i].Row;
            var fit = row >= 0 ? (int)(fits[row >> 6] >> row & 1) : 0;
            var isChosen = chosen.IsEmpty ? 1 : (int)(chosen[i >> 6] >> i & 1);
            offered[offers] = i;
            failed[failures] = i;
            offers += fit & isChosen;
            failures += 1 - fit;
        }

        _offeredCount = offers;
        LeftOut = asked.Length - offers - failures;
        return failures;
    }

    private void Explain(
        ReadOnlySpan<AskedNode> asked, ClusterSnapshot snapshot, ShapeAnswers answers, List<(string Name, string Problem)> unreadable,
        ReadOnlySpan<int> failed, Span<int> numbers)
    {
        // Only the nodes that have a row can be explained by it; mostly all have.
        var problems = 0;
        for (var i = 0; i < failed.Length;)
        {
            var known = 0;
            while (i + known < failed.Length && asked[failed[i + known]].Row >= 0) known++;
            answers.ReasonNumbers(snapshot, asked, failed.Slice(i, known), numbers.Slice(i, known));
            i += known;
            if (i == failed.Length) break;
            numbers[i] = NumberOf(asked[failed[i]].Row == AskedNode.Unreadable
                ? new Reason(RejectionClass.Unresolvable, RejectionLabels.UnreadableNode, $"node cannot be read: {unreadable[problems++].Problem}") : Reason.UnknownNode);
            i++;
        }

        for (var i = 0; i < failed.Length; i++)
        {
            if (numbers[i] == ShapeAnswers.NoNumber) numbers[i] = NumberOf(answers.ReasonFor(snapshot, asked[failed[i]].Row));
        }
    }

    private int NumberOf(Reason reason)
    {
        _others.Add(reason);
        return ~(_others.Count - 1);
    }
}
