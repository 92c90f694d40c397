using GpuScheduler.Core.Mig;

namespace GpuScheduler.Simulation.Mig;

/// <summary>
/// GPUs of one kind and the instances on them. Every change is also booked slice by slice, apart from the tables under test, and an
/// impossible one fails the replay: a result with an impossible placement is worth nothing.
/// </summary>
internal sealed class MigFleet
{
    private readonly MigOccupancy[] _gpus;
    private readonly bool[,] _slices;
    private readonly int[] _computeUsed;

    public MigFleet(MigGeometry geometry, int gpus)
    {
        Geometry = geometry;
        _gpus = new MigOccupancy[gpus];
        _slices = new bool[gpus, geometry.Grid.Size];
        _computeUsed = new int[gpus];
        foreach (var gpu in _gpus) Inventory.Add(geometry, gpu);
    }

    public MigGeometry Geometry { get; }

    /// <summary>What is taken of each GPU.</summary>
    public ReadOnlySpan<MigOccupancy> Gpus => _gpus;

    /// <summary>How many instances of each profile could still be had.</summary>
    public MigInventory Inventory { get; } = new();

    /// <exception cref="InvalidOperationException">The place is taken.</exception>
    public void Place(int profile, MigSpot spot)
    {
        Book(profile, spot, taken: true);
        Change(spot.Gpu, Geometry.Place(_gpus[spot.Gpu], profile, spot.Start));
    }

    public void Remove(int profile, MigSpot spot)
    {
        Book(profile, spot, taken: false);
        Change(spot.Gpu, Geometry.Remove(_gpus[spot.Gpu], profile, spot.Start));
    }

    private void Change(int gpu, MigOccupancy after)
    {
        Inventory.Remove(Geometry, _gpus[gpu]);
        _gpus[gpu] = after;
        Inventory.Add(Geometry, after);
    }

    private void Book(int profile, MigSpot spot, bool taken)
    {
        var entry = Geometry.Profiles[profile];
        var legal = entry.Starts.Contains(spot.Start);
        for (var slice = spot.Start; legal && slice < spot.Start + entry.Size; slice++)
        {
            legal = _slices[spot.Gpu, slice] != taken;
            _slices[spot.Gpu, slice] = taken;
        }

        _computeUsed[spot.Gpu] += taken ? entry.Profile.ComputeSlices : -entry.Profile.ComputeSlices;
        if (legal && _computeUsed[spot.Gpu] <= Geometry.ComputeSlices) return;
        throw new InvalidOperationException($"{entry.Profile} at memory slice {spot.Start} of GPU {spot.Gpu} is impossible");
    }
}

/// <summary>Where an instance lies in a fleet.</summary>
/// <param name="Gpu">The GPU; -1 for nowhere.</param>
/// <param name="Start">First memory slice.</param>
internal readonly record struct MigSpot(int Gpu, int Start)
{
    public static MigSpot None { get; } = new(-1, -1);
}
