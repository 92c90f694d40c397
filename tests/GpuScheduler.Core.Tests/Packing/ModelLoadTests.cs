using GpuScheduler.Core.Packing;

namespace GpuScheduler.Core.Tests.Packing;

public class ModelLoadTests
{
    [Fact]
    public void Spread_DemandThatAcceptsAll_LoadsModelsAlike()
    {
        var load = ModelLoad.Spread([100, 300], [40], [[true, true]]);

        Assert.Equal(0.1, load[0], 6);
        Assert.Equal(0.1, load[1], 6);
    }

    [Fact]
    public void Spread_DemandBoundToOneModel_PushesTheOtherAway()
    {
        var load = ModelLoad.Spread([100, 300], [90, 30], [[true, false], [true, true]]);

        Assert.Equal(0.9, load[0], 6);
        Assert.Equal(0.1, load[1], 6);
    }

    [Fact]
    public void Spread_ChainOfChoices_EvensOutAcrossIt()
    {
        var load = ModelLoad.Spread([100, 100, 100], [120, 60], [[true, true, false], [false, true, true]]);

        Assert.All(load, value => Assert.Equal(0.6, value, 3));
    }

    [Fact]
    public void Spread_ModelWithoutCapacity_HasNoLoad() => Assert.Equal([0, 0.5], ModelLoad.Spread([0, 100], [50], [[true, true]]));
}
