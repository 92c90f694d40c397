using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Core.Tests.Scoring;

public sealed class ScoreNormalizerTests
{
    private const float Never = float.NegativeInfinity;

    // Few distinct values, so that ties are frequent; arrays with and without the edges of floats, which are scaled in double.
    private static readonly Gen<float> Near = Gen.OneOf(
        Gen.Elements(0f, 1f, 2f, 99.99999f, 100f, -5f, float.Epsilon, Never, float.NaN),
        Gen.Choose(-1_000_000, 1_000_000).Select(value => value / 7f));

    private static readonly Gen<float[]> Raw = Gen.OneOf(
        Near.ArrayOf(),
        Gen.OneOf(Near, Gen.Elements(float.MinValue, float.MaxValue, float.PositiveInfinity, 1e37f)).ArrayOf());

    [Theory]
    [InlineData(new float[] { }, new byte[] { })]
    [InlineData(new[] { 3f }, new byte[] { 10 })]
    [InlineData(new[] { 3f, 3f, 3f }, new byte[] { 10, 10, 10 })]
    [InlineData(new[] { 0f, 5f, 10f }, new byte[] { 0, 5, 10 })]
    [InlineData(new[] { 0f, 9.999999f, 10f }, new byte[] { 0, 9, 10 })]
    [InlineData(new[] { 10f, 7f, 10f }, new byte[] { 10, 0, 10 })]
    [InlineData(new[] { float.NaN, 1f, Never, 2f, 3f }, new byte[] { 0, 0, 0, 5, 10 })]
    [InlineData(new[] { Never, 1f }, new byte[] { 0, 10 })]
    [InlineData(new[] { Never, float.NaN }, new byte[] { 0, 0 })]
    [InlineData(new[] { float.MinValue, 0f, float.MaxValue }, new byte[] { 0, 5, 10 })]
    [InlineData(new[] { 1f, 2f, float.PositiveInfinity }, new byte[] { 0, 0, 10 })]
    public void Normalize_Examples_AreScaled(float[] raw, byte[] expected) => Assert.Equal(expected, Normalize(raw));

    [Fact]
    public void Normalize_AnyScores_OnlyTheBestGet10AndOrderHolds() => Prop.ForAll(Raw.ToArbitrary(), raw =>
    {
        var scores = Normalize(raw);
        var numbers = raw.Where(score => score > Never).ToArray();
        for (var i = 0; i < raw.Length; i++)
        {
            Assert.Equal(numbers.Length > 0 && raw[i] == numbers.Max(), scores[i] == ScoreNormalizer.MaxScore);
            if (!(raw[i] > Never)) Assert.Equal(0, scores[i]);
            for (var j = 0; j < raw.Length; j++)
            {
                if (raw[i] > raw[j]) Assert.True(scores[i] >= scores[j]);
            }
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Normalize_AnyOrder_GivesEachScoreTheSame() => Prop.ForAll(Raw.ToArbitrary(), raw =>
    {
        // the vector part and the tail must agree wherever a score stands
        var backwards = Normalize([.. raw.Reverse()]);
        Array.Reverse(backwards);
        Assert.Equal(Normalize(raw), backwards);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Normalize_TooFewPlaces_Throws() =>
        Assert.Throws<ArgumentException>(() => ScoreNormalizer.Normalize(new float[3], new byte[2]));

    private static byte[] Normalize(float[] raw)
    {
        var scores = new byte[raw.Length];
        ScoreNormalizer.Normalize(raw, scores);
        return scores;
    }
}
