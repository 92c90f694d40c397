using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class ModelSelectorTests
{
    [Theory]
    [InlineData("NVIDIA-H100*", "NVIDIA-H100-80GB-HBM3", true)]
    [InlineData("nvidia-h100*", "NVIDIA-H100-80GB-HBM3", true)]
    [InlineData("*H100*", "NVIDIA-H100-80GB-HBM3", true)]
    [InlineData("*HBM3", "NVIDIA-H100-80GB-HBM3", true)]
    [InlineData("*80GB", "NVIDIA-H100-80GB-HBM3", false)]
    [InlineData("NVIDIA-H100", "NVIDIA-H100-80GB-HBM3", false)]
    [InlineData("Tesla-T4, NVIDIA-L40S", "NVIDIA-L40S", true)]
    [InlineData("Tesla-T4|NVIDIA-L40S", "NVIDIA-A10", false)]
    [InlineData("*", "anything", true)]
    [InlineData("*", "", false)]
    public void Accepts_Pattern_MatchesTheWholeModel(string selector, string model, bool accepted) =>
        Assert.Equal(accepted, ModelSelector.Parse(selector).Accepts(model));

    [Fact]
    public void Accepts_AnyGlob_EqualsTheRegularExpression()
    {
        var text = Gen.Choose(0, 8).SelectMany(count => Gen.ArrayOf(Gen.Elements('a', 'B', '*', '-'), count)).Select(array => new string(array));
        var pairs = from pattern in text where pattern.Length > 0 from model in text where model.Length > 0 select (pattern, model);
        Prop.ForAll(pairs.ToArbitrary(), pair =>
        {
            var expression = $"^{Regex.Escape(pair.pattern).Replace("\\*", ".*", StringComparison.Ordinal)}\\z";
            return ModelSelector.Parse(pair.pattern).Accepts(pair.model)
                == Regex.IsMatch(pair.model, expression, RegexOptions.IgnoreCase | RegexOptions.Singleline, TimeSpan.FromSeconds(5));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Equals_OrderAndRepetition_DoNotMatter()
    {
        var one = ModelSelector.Parse("B*|A|B*");
        var other = ModelSelector.Parse(" A , B* ");
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.Equal("A|B*", one.ToString());
        Assert.NotEqual(one, ModelSelector.Parse("A"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" | ,")]
    public void Parse_NoPattern_SaysSo(string text) =>
        Assert.Contains("names no GPU model", Assert.Throws<FormatException>(() => ModelSelector.Parse(text)).Message, StringComparison.Ordinal);
}
