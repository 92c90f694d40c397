using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Tests.Replays;

public class GoRandomTests
{
    // Printed by Go 1.19: r.Int(), r.Int63(), r.Intn(1000), r.Intn(64), r.Perm(8), then a shuffle of 0..9, 10,000 more and r.Int63(), r.Intn(1<<31 - 1).
    [Theory]
    [InlineData(1, 5577006791947779410, 8674665223082153551, 847, 59, "54016327", "4607518932", 3391686608577808275, 948036199)]
    [InlineData(42, 3440579354231278675, 608747136543856411, 668, 62, "65042137", "8027649513", 279260462764697978, 1534381475)]
    [InlineData(0, 8717895732742165505, 2259404117704393152, 353, 42, "56072134", "6593071428", 7369980860220230918, 2038826184)]
    [InlineData(-7, 747107023976529931, 7084732931963018726, 490, 0, "50423617", "7324095618", 4434407041062806135, 668887687)]
    [InlineData(int.MaxValue, 8717895732742165505, 2259404117704393152, 353, 42, "56072134", "6593071428", 7369980860220230918, 2038826184)]
    public void Numbers_Seed_AreThoseOfGo(
        long seed, long first, long second, int below1000, int below64, string permutation, string shuffled, long later, int belowMost)
    {
        var random = new GoRandom(seed);

        Assert.Equal(first, random.NextInt63());
        Assert.Equal(second, random.NextInt63());
        Assert.Equal(below1000, random.Next(1000));
        Assert.Equal(below64, random.Next(64));
        Assert.Equal(permutation, string.Concat(random.Permutation(8)));
        var items = Enumerable.Range(0, 10).ToArray();
        random.Shuffle(items.AsSpan());
        Assert.Equal(shuffled, string.Concat(items));
        for (var i = 0; i < 10_000; i++) random.NextInt63();
        Assert.Equal(later, random.NextInt63());
        Assert.Equal(belowMost, random.Next(int.MaxValue));
    }
}
