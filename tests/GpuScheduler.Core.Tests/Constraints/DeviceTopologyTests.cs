using System.Numerics;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Tests.Constraints;

public sealed class DeviceTopologyTests
{
    private const uint All = 0b1111_1111;

    [Theory]
    [InlineData("NVIDIA-H100-80GB-HBM3", 8, 8)]
    [InlineData("NVIDIA-A100-SXM4-40GB", 5, 8)]
    [InlineData("Tesla-V100-SXM2-32GB", 4, 4)]
    [InlineData("Tesla-V100-SXM2-32GB", 5, 8)]
    [InlineData("NVIDIA-A100-PCIE-40GB", 2, 2)]
    [InlineData("NVIDIA-H100-NVL", 4, 2)]
    [InlineData("NVIDIA-L40S", 2, 1)]
    [InlineData("", 2, 1)]
    public void MostJoined_EmptyNodeOf8_IsWhatTheSystemJoins(string model, int wanted, int most) =>
        Assert.Equal(most, DeviceTopology.Of(model, 8, []).MostJoined(All, wanted, link: true, numa: false));

    [Fact]
    public void MostJoined_CubeMeshWithBothQuadsHalfUsed_HasNoFour() =>
        Assert.Equal(2, DeviceTopology.Of("Tesla-V100-SXM2-16GB", 8, []).MostJoined(0b0011_0011, 4, link: true, numa: false));

    [Theory]
    [InlineData(All, 2, 0b0000_1001u)]
    [InlineData(0b1111_0111u, 2, 0b0000_0110u)]
    [InlineData(0b1111_0111u, 1, 0b0000_0001u)]
    [InlineData(0b1111_0101u, 4, 0b1111_0000u)]
    [InlineData(0b1001_0101u, 2, 0b0000_0101u)]
    public void Choose_CubeMesh_TakesTheFullestQuadAndWholePairs(uint free, int count, uint expected) =>
        Assert.Equal(expected, DeviceTopology.Of("Tesla-V100-SXM2-16GB", 8, []).Choose(free, count, link: true, numa: false));

    [Fact]
    public void Choose_LinkAndNuma_StaysWithinBoth()
    {
        var switched = DeviceTopology.Of("NVIDIA-H100-80GB-HBM3", 8, []);
        Assert.Equal(0b0111_0000u, switched.Choose(0b0111_0011, 3, link: true, numa: true));
        Assert.Equal(0u, switched.Choose(0b0110_0011, 3, link: true, numa: true));
    }

    [Fact]
    public void Of_DevicesThatSay_BeatsTheTable()
    {
        GpuDevice[] devices =
        [
            new(0) { LinkIsland = "a", Numa = 1 }, new(1) { LinkIsland = "b", Numa = 0 }, new(2) { LinkIsland = "a", Numa = 0 }, new(3) { Numa = 1 },
        ];
        var topology = DeviceTopology.Of("NVIDIA-H100-80GB-HBM3", 4, devices);
        Assert.Equal(0b0101u, topology.Choose(0b1111, 2, link: true, numa: false));
        Assert.Equal(0b1001u, topology.Choose(0b1111, 2, link: false, numa: true));
        Assert.Equal(2, topology.MostJoined(0b1111, 3, link: true, numa: false));
        Assert.Equal(1, topology.MostJoined(0b1111, 2, link: true, numa: true));
    }

    [Fact]
    public void Choose_AnyFreeDevices_IsEnoughOfThemAndAgreesWithMostJoined()
    {
        var random = new Random(7);
        string[] models = ["NVIDIA-H100-80GB-HBM3", "Tesla-V100-SXM2-16GB", "Tesla-P100-SXM2-16GB", "NVIDIA-A100-PCIE-40GB", "NVIDIA-L40S", "GB200"];
        for (var i = 0; i < 20_000; i++)
        {
            var count = random.Next(1, 17);
            var topology = DeviceTopology.Of(models[random.Next(models.Length)], count, []);
            var free = (uint)random.Next(1 << count);
            var (wanted, link, numa) = (random.Next(1, count + 1), random.Next(2) == 0, random.Next(2) == 0);
            var chosen = topology.Choose(free, wanted, link, numa);
            Assert.Equal(0u, chosen & ~free);
            Assert.Equal(topology.MostJoined(free, wanted, link, numa) >= wanted ? wanted : 0, BitOperations.PopCount(chosen));
            Assert.Equal(BitOperations.PopCount(chosen), topology.MostJoined(chosen, BitOperations.PopCount(chosen), link, numa));
        }
    }
}
