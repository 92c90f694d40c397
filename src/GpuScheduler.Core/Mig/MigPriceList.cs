namespace GpuScheduler.Core.Mig;

/// <summary>What one more place is worth, by profile and for whole GPUs (<see cref="MigPrices"/>). Immutable.</summary>
/// <param name="profiles">Price by profile.</param>
/// <param name="wholePerGiB">Price of a whole GPU for each GiB of its memory.</param>
public sealed class MigPriceList(IReadOnlyDictionary<MigProfile, double> profiles, double wholePerGiB)
{
    private readonly Dictionary<string, double> _byResource = profiles.ToDictionary(pair => pair.Key.ResourceName, pair => pair.Value);

    /// <summary>Price of a whole GPU for each GiB of its memory.</summary>
    public double WholePerGiB => wholePerGiB;

    /// <summary>The price of a profile; 0 for one that no GPU of the cluster or the catalog has.</summary>
    public double this[MigProfile profile] => profiles.GetValueOrDefault(profile);

    /// <summary>The same by the resource's name.</summary>
    public double OfResource(string resource) => _byResource.GetValueOrDefault(resource);

    /// <summary>Prices of all profiles of a geometry, by position.</summary>
    public double[] Of(MigGeometry geometry) => [.. geometry.Profiles.Select(profile => this[profile.Profile])];
}
