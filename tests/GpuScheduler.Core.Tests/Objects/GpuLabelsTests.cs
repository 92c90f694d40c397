using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class GpuLabelsTests
{
    [Theory]
    [InlineData("NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-80GB-HBM3", false, "")]
    [InlineData("Tesla-T4-SHARED", "Tesla-T4", true, "")]
    [InlineData("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", "NVIDIA-A100-SXM4-40GB", false, "1g.5gb")]
    [InlineData("NVIDIA-A100-SXM4-40GB-MIG-1g.5gb-SHARED", "NVIDIA-A100-SXM4-40GB", true, "1g.5gb")]
    [InlineData("NVIDIA-A100-SXM4-40GB-MIG-INVALID", "NVIDIA-A100-SXM4-40GB", false, "INVALID")]
    public void Read_ProductWithSuffixes_GivesTheBareModel(string product, string model, bool shared, string profile)
    {
        var labels = GpuLabels.Read(new Dictionary<string, string> { ["nvidia.com/gpu.product"] = product });
        Assert.Equal(new GpuLabels(model, "", 0, shared, profile, ""), labels);
    }

    [Theory]
    [InlineData("4", "time-slicing", true)]
    [InlineData("4", "mps", true)]
    [InlineData("4", "none", false)]
    [InlineData("1", "time-slicing", false)]
    [InlineData("many", "mps", false)]
    public void Read_ReplicaLabels_TellSharing(string replicas, string strategy, bool shared) =>
        Assert.Equal(shared, GpuLabels.Read(new Dictionary<string, string>
        {
            ["nvidia.com/gpu.replicas"] = replicas,
            ["nvidia.com/gpu.sharing-strategy"] = strategy,
        }).IsShared);

    [Theory]
    [InlineData("81559", 81559)]
    [InlineData("-5", 0)]
    [InlineData("80GB", 0)]
    [InlineData("99999999999", 0)]
    public void Read_Memory_WrongValuesAreUnknown(string text, int memoryMiB) =>
        Assert.Equal(memoryMiB, GpuLabels.Read(new Dictionary<string, string> { ["nvidia.com/gpu.memory"] = text }).MemoryMiB);

    [Fact]
    public void Read_OtherVendors_GiveTheirModel()
    {
        Assert.Equal("AMD_Instinct_MI300X", GpuLabels.Read(new Dictionary<string, string> { ["amd.com/gpu.product-name"] = "AMD_Instinct_MI300X" }).Model);
        Assert.Equal("Max_1550", GpuLabels.Read(new Dictionary<string, string> { ["gpu.intel.com/product"] = "Max_1550" }).Model);
    }

    [Fact]
    public void Read_NoLabels_IsNone() => Assert.Equal(GpuLabels.None, GpuLabels.Read(new Dictionary<string, string>()));
}
