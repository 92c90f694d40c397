using System.Numerics;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Explaining;

/// <summary>Counts the reasons of nodes that cannot take a pod, each reason of a node for itself. Words are made once for equal rejections.</summary>
/// <param name="filter">The filter that rejected them.</param>
internal sealed class ReasonTally(PodFilter filter)
{
    public const int MaxExamples = 5;

    private readonly Dictionary<(Rejection Rejection, int TaintSetId, int ModelId, int MigObstacle), string[]> _texts = [];
    private readonly Dictionary<string, Tally> _counts = [];

    /// <summary>Counts one node.</summary>
    public void Add(Rejection rejection, NodePage page, int rowInPage)
    {
        var key = (rejection, page.TaintSetId[rowInPage], page.ModelId[rowInPage], page.MigObstacle[rowInPage]);

        // Why there is no place for a MIG instance is another story on every node.
        if (rejection.Causes.HasFlag(RejectionCauses.NoMigPlace)) _texts.Remove(key);
        if (!_texts.TryGetValue(key, out var texts)) _texts.Add(key, texts = TextsOf(rejection, page, rowInPage));
        foreach (var text in texts)
        {
            if (!_counts.TryGetValue(text, out var tally)) _counts.Add(text, tally = new Tally());
            tally.Nodes++;
            if (texts.Length == 1) tally.Alone++;
            var examples = texts.Length == 1 ? tally.AloneExamples : tally.OtherExamples;
            if (examples.Count < MaxExamples) examples.Add(page.Node(rowInPage)?.Name ?? "");
        }
    }

    /// <summary>The most frequent first.</summary>
    public IReadOnlyList<ReasonCount> ToList() =>
    [
        .. _counts.Select(entry => new ReasonCount(
                entry.Key, entry.Value.Nodes, entry.Value.Alone, [.. entry.Value.AloneExamples.Concat(entry.Value.OtherExamples).Take(MaxExamples)]))
            .OrderByDescending(reason => reason.Nodes).ThenBy(reason => reason.Reason, StringComparer.Ordinal),
    ];

    /// <summary>
    /// The filter describes a node's causes together and leaves out those that another one includes; described alone, a cause that was left
    /// out does not stand in the whole.
    /// </summary>
    private string[] TextsOf(Rejection rejection, NodePage page, int rowInPage)
    {
        var whole = filter.Describe(rejection, page, rowInPage);
        var texts = new List<string>();
        for (var rest = (uint)rejection.Causes; rest != 0; rest &= rest - 1)
        {
            Alone(rejection with { Causes = (RejectionCauses)(rest & ~(rest - 1)), Insufficient = 0, Impossible = 0 });
        }

        for (var rest = rejection.Insufficient; rest != 0; rest &= rest - 1)
        {
            var bit = 1UL << BitOperations.TrailingZeroCount(rest);
            Alone(rejection with { Causes = RejectionCauses.None, Insufficient = bit, Impossible = rejection.Impossible & bit });
        }

        return texts.Count > 0 ? [.. texts.Distinct(StringComparer.Ordinal)] : [whole];

        void Alone(Rejection one)
        {
            var text = filter.Describe(one, page, rowInPage);
            if (text.Length > 0 && whole.Contains(text, StringComparison.Ordinal)) texts.Add(text);
        }
    }

    private sealed class Tally
    {
        public int Nodes { get; set; }

        public int Alone { get; set; }

        public List<string> AloneExamples { get; } = [];

        public List<string> OtherExamples { get; } = [];
    }
}
