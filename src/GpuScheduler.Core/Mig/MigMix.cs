using GpuScheduler.Core.Packing;

namespace GpuScheduler.Core.Mig;

/// <summary>
/// How often each profile is asked for. A profile nobody asked for yet keeps a small share, so that scores never treat its last place as
/// worthless. Immutable.
/// </summary>
public sealed class MigMix
{
    /// <summary>
    /// Requests counted in addition for every profile: one, the rule of succession (Laplace), so that a cluster that just started treats
    /// all profiles alike.
    /// </summary>
    public const double PriorRequests = 1;

    private readonly Dictionary<MigProfile, double> _shares;
    private readonly double _unseen;

    private MigMix(Dictionary<MigProfile, double> shares, double unseen)
    {
        _shares = shares;
        _unseen = unseen;
    }

    /// <summary>Nothing was asked for yet: all profiles count alike.</summary>
    public static MigMix Unknown { get; } = new([], 1);

    /// <summary>Counts instances asked for, by profile.</summary>
    public static MigMix FromCounts(IEnumerable<KeyValuePair<MigProfile, double>> counts)
    {
        var asked = counts.Where(pair => pair.Value > 0).ToArray();
        var total = asked.Sum(pair => pair.Value + PriorRequests);
        return total <= 0 ? Unknown
            : new MigMix(asked.ToDictionary(pair => pair.Key, pair => (pair.Value + PriorRequests) / total), PriorRequests / total);
    }

    /// <summary>The MIG part of an observed workload; resource names that are no profile are passed over.</summary>
    /// <param name="workload">The workload.</param>
    /// <param name="arrivals">Over how many pods it was observed.</param>
    public static MigMix Of(WorkloadMix workload, double arrivals)
    {
        var counts = new Dictionary<MigProfile, double>();
        foreach (var (shape, share) in workload.Shares)
        {
            foreach (var (name, amount) in shape.Requests)
            {
                if (!MigProfile.TryParseResource(name, out var profile, out _)) continue;
                counts[profile!] = counts.GetValueOrDefault(profile!) + (share * arrivals * amount);
            }
        }

        return FromCounts(counts);
    }

    /// <summary>Share of a profile: at least that of a profile nobody asked for.</summary>
    public double ShareOf(MigProfile profile) => _shares.GetValueOrDefault(profile, _unseen);
}
