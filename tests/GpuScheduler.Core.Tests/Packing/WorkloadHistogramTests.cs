using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Packing;

public class WorkloadHistogramTests
{
    [Fact]
    public void ToMix_CountsShapes_FrequenciesSumToOneMostFrequentFirst()
    {
        var histogram = new WorkloadHistogram(halfLife: 1e9);
        foreach (var gpus in new[] { 1, 8, 1, 1 }) histogram.Arrive(Whole(gpus));

        var mix = histogram.ToMix();

        Assert.Equal([1, 8], mix.Shares.ToArray().Select(entry => entry.Shape.Gpu.Count));
        Assert.Equal(0.75, mix.Shares[0].Share, 6);
        Assert.Equal(1, mix.Shares.ToArray().Sum(entry => entry.Share), 9);
        Assert.Equal(2750, mix.MeanGpuMilli, 3);
        Assert.Equal(8 / 11.0, mix.SeveralGpuShare, 6);
        Assert.Equal(4, mix.Observations, 3);
    }

    [Fact]
    public void Arrive_AfterAHalfLife_OldPodsWeighHalf()
    {
        var histogram = new WorkloadHistogram(halfLife: 1);
        histogram.Arrive(Whole(1));
        histogram.Arrive(Whole(2));

        Assert.Equal(2 / 3.0, histogram.ToMix().Shares[0].Share, 9);
        Assert.Equal(2, histogram.ToMix().Shares[0].Shape.Gpu.Count);
    }

    [Fact]
    public void Arrive_MoreShapesThanCapacity_ForgetsTheLightest()
    {
        var histogram = new WorkloadHistogram(capacity: 2, halfLife: 1e9);
        foreach (var gpus in new[] { 1, 1, 2, 4 }) histogram.Arrive(Whole(gpus));

        Assert.Equal(2, histogram.Count);
        Assert.Equal([1, 4], histogram.ToMix().Shares.ToArray().Select(entry => entry.Shape.Gpu.Count).Order());
    }

    [Fact]
    public void Arrive_ManyPodsWithAShortHalfLife_StaysFinite()
    {
        var histogram = new WorkloadHistogram(halfLife: 0.1);
        for (var i = 0; i < 1000; i++) histogram.Arrive(Whole(1 + (i % 3)));

        Assert.All(histogram.ToMix().Shares.ToArray(), entry => Assert.InRange(entry.Share, 0, 1));
    }

    [Fact]
    public void Depart_AsOftenAsArrive_IsASteadyState()
    {
        var histogram = new WorkloadHistogram();
        for (var i = 0; i < 100; i++)
        {
            histogram.Arrive(Whole(1));
            histogram.Depart();
        }

        Assert.InRange(histogram.ToMix().DeparturesPerArrival, 0.99, 1);
    }

    [Fact]
    public void ToMix_Empty_HasNothing() => Assert.Equal(0, new WorkloadHistogram().ToMix().Shares.Length);

    private static PodShape Whole(int gpus) => MakePod.Named("p").Cpu("4").Gpus(gpus).Build().Shape;
}
