using GpuScheduler.Cluster.Events;

namespace GpuScheduler.Cluster.Tests.Events;

public sealed class BindEventsTests
{
    [Theory]
    [InlineData(0b0u, "")]
    [InlineData(0b1000u, " with GPU 3")]
    [InlineData(0b11u, " with GPUs 0,1")]
    [InlineData(0b0100_1111u, " with GPUs 0-3,6")]
    [InlineData(0b1010u, " with GPUs 1,3")]
    [InlineData(0xFFFF_FFFFu, " with GPUs 0-31")]
    [InlineData(0xC000_0000u, " with GPUs 30,31")]
    public void DeviceText_Mask_IsSaidInRanges(uint mask, string expected) => Assert.Equal(expected, BindEvents.DeviceText(mask));
}
