using System.Collections.Immutable;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// The distinct sets of taints that keep pods away, numbered; id 0 is the empty set. A cluster has a handful of them, so a pod's
/// tolerations are compared once per set instead of once per node. Immutable and append-only.
/// </summary>
public sealed class TaintSets
{
    private readonly ImmutableArray<ImmutableArray<Taint>> _sets;

    private TaintSets(ImmutableArray<ImmutableArray<Taint>> sets) => _sets = sets;

    /// <summary>Holds only the empty set.</summary>
    public static TaintSets Empty { get; } = new([[]]);

    /// <summary>How many ids there are, 0 included.</summary>
    public int Count => _sets.Length;

    /// <summary>The taints of a set.</summary>
    public ImmutableArray<Taint> this[int id] => _sets[id];

    /// <summary>The first taint of a set that nothing in <paramref name="tolerations"/> tolerates; null when the pod may go there.</summary>
    public Taint? FirstUntolerated(int id, ReadOnlySpan<Toleration> tolerations)
    {
        foreach (var taint in _sets[id])
        {
            var tolerated = false;
            foreach (var toleration in tolerations) tolerated |= toleration.Tolerates(taint);
            if (!tolerated) return taint;
        }

        return null;
    }

    /// <summary>This table with the given taints as a set, and its id; taints that only score are left out.</summary>
    public (TaintSets Table, int Id) With(IEnumerable<Taint> taints)
    {
        ImmutableArray<Taint> set = [.. taints.Where(taint => taint.KeepsPodsAway)];
        for (var id = 0; id < _sets.Length; id++)
        {
            if (_sets[id].AsSpan().SequenceEqual(set.AsSpan())) return (this, id);
        }

        return (new TaintSets(_sets.Add(set)), _sets.Length);
    }
}
