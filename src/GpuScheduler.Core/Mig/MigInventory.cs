namespace GpuScheduler.Core.Mig;

/// <summary>How many instances of each profile could be had in the cluster, each profile for itself. Kept up to date by its owner.</summary>
public sealed class MigInventory
{
    private readonly Dictionary<MigProfile, long> _placeable = [];

    /// <summary>Instances of a profile that could be had, were all free room given to it.</summary>
    public long this[MigProfile profile] => _placeable.GetValueOrDefault(profile);

    /// <summary>Counts a GPU in.</summary>
    /// <exception cref="ArgumentException">The occupancy is not legal.</exception>
    public void Add(MigGeometry geometry, MigOccupancy occupancy) => Count(geometry, occupancy, 1);

    /// <summary>Counts a GPU out.</summary>
    /// <exception cref="ArgumentException">The occupancy is not legal.</exception>
    public void Remove(MigGeometry geometry, MigOccupancy occupancy) => Count(geometry, occupancy, -1);

    /// <summary>Counts free devices of a fixed layout in, or out when negative.</summary>
    public void Add(MigProfile profile, long devices) => _placeable[profile] = _placeable.GetValueOrDefault(profile) + devices;

    private void Count(MigGeometry geometry, MigOccupancy occupancy, int sign)
    {
        var placeable = geometry.Transitions.Placeable(geometry.RowOf(occupancy));
        for (var index = 0; index < placeable.Length; index++)
        {
            if (placeable[index] != 0) Add(geometry.Profiles[index].Profile, sign * placeable[index]);
        }
    }
}
