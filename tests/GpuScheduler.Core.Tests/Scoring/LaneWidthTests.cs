using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Tests.Scoring;

/// <summary>Every width gives what the scalar form gives, bit for bit; a width without hardware support runs by emulation.</summary>
public sealed class LaneWidthTests
{
    [Theory]
    [InlineData(LaneWidth.Vector128)]
    [InlineData(LaneWidth.Vector256)]
    [InlineData(LaneWidth.Vector512)]
    public void Score_AnyPageAndPod_EqualsScalarBitForBit(LaneWidth width)
    {
        var scalars = Arbitraries.Strategies(LaneWidth.Scalar);
        var vectors = Arbitraries.Strategies(width);
        Prop.ForAll(Arbitraries.Pages.Zip(Arbitraries.Shapes).ToArbitrary(), sample =>
        {
            var (page, shape) = sample;
            for (var i = 0; i < scalars.Length; i++)
            {
                var expected = page.Score(scalars[i], shape);
                var actual = page.Score(vectors[i], shape);
                for (var row = 0; row < NodePage.RowCount; row++)
                {
                    if (BitConverter.SingleToInt32Bits(expected[row]) != BitConverter.SingleToInt32Bits(actual[row]))
                        Assert.Fail($"{scalars[i].Name} #{i} row {row} for {shape}: scalar {expected[row]:R}, {width} {actual[row]:R}");
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Best_OnThisMachine_IsAmongTheTestedWidthsAndSaysWhy()
    {
        Assert.True(Enum.IsDefined(ScoringWidth.Best));
        Assert.Contains($"{(int)ScoringWidth.Best} rows at a time", ScoringWidth.Why, StringComparison.Ordinal);
    }
}
