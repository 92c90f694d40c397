using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class ResourceVersionTests
{
    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("007")]
    [InlineData("18446744073709551615")]
    [InlineData("18446744073709551616")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("v1")]
    public void ToString_AnyText_IsThatText(string text) => Assert.Equal(text, new ResourceVersion(text).ToString());

    [Theory]
    [InlineData("9", "10", true)]
    [InlineData("10", "9", false)]
    [InlineData("10", "10", false)]
    [InlineData("0", "1", true)]
    [InlineData("07", "10", true)]
    [InlineData("", "1", false)]
    [InlineData("1", "", false)]
    [InlineData("a", "b", false)]
    public void IsOlderThan_TwoVersions_ComparesNumbersAlone(string version, string other, bool isOlder) =>
        Assert.Equal(isOlder, new ResourceVersion(version).IsOlderThan(other));

    [Fact]
    public void CompareWritten_VersionsOfAnyKind_PutsNoneFirstThenNumbersThenTexts()
    {
        ResourceVersion[] versions = ["v2", "10", "", "9", "v1", "18446744073709551615", "1"];

        Array.Sort(versions, ResourceVersion.CompareWritten);

        Assert.Equal(["", "1", "9", "10", "18446744073709551615", "v1", "v2"], versions.Select(version => version.ToString()));
    }

    [Fact]
    public void Equals_TheSameText_Yes()
    {
        Assert.Equal(new ResourceVersion("12"), new ResourceVersion("12"));
        Assert.NotEqual(new ResourceVersion("12"), new ResourceVersion("012"));
        Assert.Equal(default, new ResourceVersion(""));
    }
}
