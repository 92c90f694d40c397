using GpuScheduler.Core.Mig;

namespace GpuScheduler.Simulation.Mig;

/// <summary>
/// The service's own rule (<see cref="MigPrices"/>, <see cref="MigPlacer"/>), told nothing in advance: the mix is what it has seen arrive.
/// </summary>
internal sealed class RemainingValuePolicy : MigPolicy
{
    private readonly Dictionary<MigProfile, double> _arrived = [];
    private MigGpu[] _gpus = [];

    public override MigSpot Choose(MigFleet fleet, int profile)
    {
        var name = fleet.Geometry.Profiles[profile].Profile;
        _arrived[name] = _arrived.GetValueOrDefault(name) + 1;
        var values = new MigValues(fleet.Geometry, MigPrices.Of(fleet.Geometry, MigMix.FromCounts(_arrived), fleet.Inventory));
        if (_gpus.Length != fleet.Gpus.Length) _gpus = new MigGpu[fleet.Gpus.Length];
        for (var gpu = 0; gpu < _gpus.Length; gpu++) _gpus[gpu] = new MigGpu(gpu, values, fleet.Gpus[gpu]);
        var placement = MigPlacer.Best(_gpus, name);
        return placement.Fits ? new MigSpot(placement.Gpu, placement.Start) : MigSpot.None;
    }
}
