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
        return NearestName.Find(name[Prefix.Length..], OfPods.Select(known => known[Prefix.Length..])) is { } nearest
            ? $"unknown annotation {name}, did you mean {Prefix}{nearest}?"
            : $"unknown annotation {name}";
    }
}
