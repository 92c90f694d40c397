namespace GpuScheduler.Core.Mig;

/// <summary>Where an instance goes on a GPU and what that costs.</summary>
/// <param name="Start">First memory slice; -1 when the profile does not fit.</param>
/// <param name="Delta">Change of the GPU's remaining value, 0 or less; <see cref="double.NegativeInfinity"/> when it does not fit.</param>
public readonly record struct MigStart(int Start, double Delta)
{
    /// <summary>There is no room.</summary>
    public static MigStart None { get; } = new(-1, double.NegativeInfinity);

    /// <summary>Whether there is room.</summary>
    public bool Fits => Start >= 0;
}

/// <summary>
/// The value of what is left of a GPU, for every legal occupancy: the sum over profiles of price x how many still fit. With it, the best start
/// of every profile; so a score is one lookup. That a 3g goes to slice 4 and a 1g to slice 6 of an empty A100 follows from the values, no
/// rule says so. Immutable; a few microseconds to make.
/// </summary>
public sealed class MigValues
{
    private readonly double[] _values;
    private readonly MigStart[] _best;

    /// <summary>Computes the tables.</summary>
    /// <param name="geometry">The GPU.</param>
    /// <param name="prices">Price of a place per profile, by position (<see cref="MigPrices"/>).</param>
    /// <exception cref="ArgumentException">The number of prices is not that of the profiles.</exception>
    public MigValues(MigGeometry geometry, ReadOnlySpan<double> prices)
    {
        if (prices.Length != geometry.Profiles.Count) throw new ArgumentException($"{geometry} has {geometry.Profiles.Count} profiles", nameof(prices));
        Geometry = geometry;
        var transitions = geometry.Transitions;
        _values = new double[transitions.RowCount];
        _best = new MigStart[_values.Length * prices.Length];
        for (var row = 0; row < _values.Length; row++)
        {
            var placeable = transitions.Placeable(row);
            for (var profile = 0; profile < prices.Length; profile++) _values[row] += prices[profile] * placeable[profile];
        }

        for (var row = 0; row < _values.Length; row++)
        {
            for (var profile = 0; profile < prices.Length; profile++)
            {
                var best = MigStart.None;
                foreach (var (start, after) in transitions.Placements(row, profile))
                {
                    if (_values[after] - _values[row] is var delta && delta > best.Delta) best = new MigStart(start, delta);
                }

                _best[(row * prices.Length) + profile] = best;
            }
        }
    }

    /// <summary>The GPU.</summary>
    public MigGeometry Geometry { get; }

    /// <summary>Value of what is left of a GPU.</summary>
    /// <exception cref="ArgumentException">The occupancy is not legal.</exception>
    public double Of(MigOccupancy occupancy) => _values[Geometry.RowOf(occupancy)];

    /// <summary>The start that costs least, the lowest of equals.</summary>
    /// <param name="occupancy">What is taken.</param>
    /// <param name="profile">Position of the profile in <see cref="MigGeometry.Profiles"/>.</param>
    /// <exception cref="ArgumentException">The occupancy is not legal.</exception>
    public MigStart Best(MigOccupancy occupancy, int profile) => _best[(Geometry.RowOf(occupancy) * Geometry.Profiles.Count) + profile];

    /// <summary>What placing an instance at a start changes, 0 or less.</summary>
    /// <exception cref="ArgumentException">The start is not free for the profile.</exception>
    public double Delta(MigOccupancy occupancy, int profile, int start) => Of(Geometry.Place(occupancy, profile, start)) - Of(occupancy);
}
