using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class TolerationTests
{
    private static readonly Taint Gpu = new("nvidia.com/gpu", "present", "NoSchedule");

    [Theory]
    [InlineData("nvidia.com/gpu", "Exists", "", "", true)]
    [InlineData("nvidia.com/gpu", "Exists", "", "NoSchedule", true)]
    [InlineData("nvidia.com/gpu", "Exists", "", "NoExecute", false)]
    [InlineData("nvidia.com/gpu", "Equal", "present", "", true)]
    [InlineData("nvidia.com/gpu", "", "present", "NoSchedule", true)]
    [InlineData("nvidia.com/gpu", "Equal", "absent", "", false)]
    [InlineData("nvidia.com/gpu", "", "", "", false)]
    [InlineData("amd.com/gpu", "Exists", "", "", false)]
    [InlineData("", "Exists", "", "", true)]
    [InlineData("", "Exists", "", "NoExecute", false)]
    [InlineData("nvidia.com/gpu", "Gt", "present", "", false)]
    public void Tolerates_GpuTaint_AsKubernetesMatches(string key, string @operator, string value, string effect, bool tolerated) =>
        Assert.Equal(tolerated, new Toleration(key, @operator, value, effect).Tolerates(Gpu));
}
