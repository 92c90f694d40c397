using GpuScheduler.Core.Mig;

namespace GpuScheduler.Core.Tests.Mig;

public class MigProfileTests
{
    [Theory]
    [InlineData("1g.10gb", "nvidia.com/mig-1g.10gb", "1g.10gb", false)]
    [InlineData("1g.10gb+me", "nvidia.com/mig-1g.10gb.me", "1g.10gb", true)]
    [InlineData("1g.24gb+me.all", "nvidia.com/mig-1g.24gb.me.all", "1g.24gb", true)]
    [InlineData("1g.24gb-me", "nvidia.com/mig-1g.24gb-me", "1g.24gb", false)]
    [InlineData("4g.96gb+gfx", "nvidia.com/mig-4g.96gb.gfx", "4g.96gb", false)]
    [InlineData("7g.141gb", "nvidia.com/mig-7g.141gb", "7g.141gb", false)]
    public void Names_OfAProfile_ConvertBothWays(string name, string resource, string baseName, bool takesMedia)
    {
        Assert.True(MigProfile.TryParse(name, out var profile, out _));
        Assert.Equal(name, profile!.Name);
        Assert.Equal(resource, profile.ResourceName);
        Assert.Equal(baseName, profile.Base.Name);
        Assert.Equal(takesMedia, profile.TakesMedia);
        Assert.True(MigProfile.TryParseResource(resource, out var back, out _));
        Assert.Equal(profile, back);
    }

    [Theory]
    [InlineData("1c.3g.40gb", "compute instance")]
    [InlineData("1g.10gb.me", "1g.10gb")]
    [InlineData("1g.10gb+xx", "1g.10gb")]
    [InlineData("0g.10gb", "1g.10gb")]
    [InlineData("01g.10gb", "1g.10gb")]
    [InlineData("1g.10", "1g.10gb")]
    [InlineData("g.10gb", "1g.10gb")]
    [InlineData("1g.99999999999gb", "1g.10gb")]
    [InlineData("", "1g.10gb")]
    public void TryParse_NotAProfile_SaysWhatItShouldBe(string name, string saying)
    {
        Assert.False(MigProfile.TryParse(name, out var profile, out var problem));
        Assert.Null(profile);
        Assert.Contains($"'{name}'", problem, StringComparison.Ordinal);
        Assert.Contains(saying, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nvidia.com/gpu")]
    [InlineData("nvidia.com/mig-1g.10gb+me")]
    [InlineData("nvidia.com/mig-1c.3g.40gb")]
    public void TryParseResource_NotAProfile_IsRefused(string resource)
    {
        Assert.False(MigProfile.TryParseResource(resource, out _, out var problem));
        Assert.NotEmpty(problem);
    }
}
