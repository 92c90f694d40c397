using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Replays;
using GpuScheduler.Testing;

namespace GpuScheduler.Simulation.Tests.Replays;

public class OverCommitCheckTests
{
    private readonly OverCommitCheck _check = new([MakeNode.Named("n").Cpu("8").Gpus(2).Resource("gpu-scheduler.io/gpu-milli", "2000").Build()], _ => 2);

    [Fact]
    public void Place_WithinTheNode_Passes()
    {
        _check.Place("n", Share(600), 1);
        _check.Place("n", Share(400), 1);
        _check.Place("n", Share(1000), 2);
    }

    [Fact]
    public void Place_DeviceTooFull_Fails()
    {
        _check.Place("n", Share(600), 1);

        Assert.Contains("GPU 0 of node n", Assert.Throws<InvalidOperationException>(() => _check.Place("n", Share(500), 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Place_MoreCpuThanThereIs_Fails()
    {
        _check.Place("n", MakePod.Named("p").Cpu("6").Build().Shape, 0);

        Assert.Throws<InvalidOperationException>(() => _check.Place("n", MakePod.Named("q").Cpu("3").Build().Shape, 0));
    }

    [Fact]
    public void Place_FewerDevicesThanAsked_Fails() => Assert.Throws<InvalidOperationException>(() => _check.Place("n", Share(2000), 1));

    [Fact]
    public void Remove_WhatWasPlaced_MakesRoomAgain()
    {
        _check.Place("n", Share(2000), 3);
        _check.Remove("n", Share(2000), 3);
        _check.Place("n", Share(2000), 3);
    }

    private static PodShape Share(int milli) => MakePod.Named("p").GpuMilli(milli).Build().Shape;
}
