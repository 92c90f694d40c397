using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// The domains of the snapshot's topology levels as a tree: a domain is its label's value within the domain around it, so that racks of
/// the same name in two zones are two. Levels that no node has a label of are left out. The innermost level is the node itself. Immutable;
/// good for every snapshot whose nodes have the same rows and labels.
/// </summary>
internal sealed class TopologyTree
{
    private readonly int[][] _domainOf;
    private readonly string[][] _names;
    private readonly long _namesVersion;
    private readonly int[]?[][] _columns;

    private TopologyTree(ClusterSnapshot snapshot)
    {
        _namesVersion = snapshot.Names.Version;
        _columns = [.. snapshot.Pages.ToArray().Select(page => page.DomainColumns)];
        var domains = snapshot.Tables.Domains;
        var keys = snapshot.Tables.Levels.Keys;
        var rows = snapshot.Pages.Length * NodePage.RowCount;
        var around = new long[rows]; // (level + 1, domain) of the nearest domain around the row so far
        var (used, domainOf, names) = (new List<string>(), new List<int[]>(), new List<string[]>());
        for (var level = 0; level < keys.Count; level++)
        {
            var numbers = new Dictionary<(long Around, int Id), int>();
            var ofRow = new int[rows];
            var ofLevel = new List<string>();
            Array.Fill(ofRow, -1);
            foreach (var page in snapshot.Pages)
            {
                var ids = page.Domain(level);
                for (var i = 0; i < ids.Length; i++)
                {
                    if (ids[i] == 0) continue;
                    var row = page.FirstRow + i;
                    if (!numbers.TryGetValue((around[row], ids[i]), out var number))
                    {
                        numbers.Add((around[row], ids[i]), number = numbers.Count);
                        ofLevel.Add(domains[ids[i]]);
                    }

                    ofRow[row] = number;
                }
            }

            if (ofLevel.Count == 0) continue;
            for (var row = 0; row < rows; row++)
            {
                if (ofRow[row] >= 0) around[row] = ((long)(used.Count + 1) << 32) | (uint)ofRow[row];
            }

            used.Add(keys[level]);
            domainOf.Add(ofRow);
            names.Add([.. ofLevel]);
        }

        Levels = used;
        _domainOf = [.. domainOf];
        _names = [.. names];
    }

    /// <summary>Label keys of the levels in use, farthest first, without the level of single nodes.</summary>
    public IReadOnlyList<string> Levels { get; }

    /// <summary>The number of the level of single nodes.</summary>
    public int NodeLevel => Levels.Count;

    /// <summary>The tree of a snapshot; the last one again while it is still true.</summary>
    public static TopologyTree Of(ClusterSnapshot snapshot, TopologyTree? last) => last?.IsGoodFor(snapshot) == true ? last : new TopologyTree(snapshot);

    /// <summary>How many domains a level has.</summary>
    public int CountAt(int level) => _names[level].Length;

    /// <summary>The domain of every row at a level; -1 where the node lacks the label.</summary>
    public ReadOnlySpan<int> DomainOf(int level) => _domainOf[level];

    /// <summary>For people: <c>nvidia.com/gpu.clique=c1</c>.</summary>
    public string NameOf(int level, int domain) => $"{Levels[level]}={_names[level][domain]}";

    private bool IsGoodFor(ClusterSnapshot snapshot)
    {
        if (_namesVersion != snapshot.Names.Version || _columns.Length != snapshot.Pages.Length) return false;
        for (var i = 0; i < _columns.Length; i++)
        {
            var (mine, its) = (_columns[i], snapshot.Pages[i].DomainColumns);
            if (!ReferenceEquals(mine, its) && !mine.AsSpan().SequenceEqual(its)) return false;
        }

        return true;
    }
}
