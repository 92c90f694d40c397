using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Gangs.Sources;
using GpuScheduler.Core.Ledger;

namespace GpuScheduler.Core.Constraints;

/// <summary>
/// Every annotation under our own prefix, so that a name nobody knows can be told from one that is: a typing error in a constraint must not
/// go unseen. A test compares the list with the constants in the code.
/// </summary>
public static class KnownAnnotations
{
    /// <summary>What all our names begin with.</summary>
    public const string Prefix = "gpu-scheduler.io/";

    /// <summary>Those of pods that are no constraints.</summary>
    public static IReadOnlyList<string> OtherOfPods { get; } =
    [
        DeviceAnnotation.Key, OwnGangs.NameKey, OwnGangs.SizeKey, TopologyWishes.RequiredKey, TopologyWishes.PreferredKey,
    ];

    /// <summary>All that a pod may have.</summary>
    public static IEnumerable<string> OfPods => ConstraintAnnotations.Names.Concat(OtherOfPods);

    /// <summary>A sentence about a name that is under our prefix and means nothing on a pod; null for all other names.</summary>
    public static string? Describe(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || OfPods.Contains(name)) return null;
        var word = name[Prefix.Length..];
        var (nearest, distance) = OfPods.Select(known => (Name: known, Distance: Distance(word, known[Prefix.Length..]))).MinBy(known => known.Distance);
        return distance <= Math.Max(2, word.Length / 3) ? $"unknown annotation {name}, did you mean {nearest}?" : $"unknown annotation {name}";
    }

    /// <summary>Levenshtein's distance; case does not count.</summary>
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
