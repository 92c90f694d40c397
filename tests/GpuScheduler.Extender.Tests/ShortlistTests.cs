using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class ShortlistTests
{
    private const string Zone = "topology.kubernetes.io/zone";

    private static readonly Pod OneGpu = MakePod.Named("p").Gpus(1).Cpu("1").Build();

    [Fact]
    public void Filter_MoreFeasibleThanTheShortlist_LeavesTheRestOutOfTheAnswer()
    {
        var harness = new ExtenderHarness(new ExtenderOptions { Shortlist = 2 })
            .With(Enumerable.Range(0, 6).Select(i => MakeNode.Named($"n{i}").Gpus(8).Cpu("8").Build()))
            .With(Enumerable.Range(0, 6).Select(i => MakePod.Named($"h{i}").Gpus(i + 1).On($"n{i}").Build()));
        var answer = harness.Filter(RequestBody.Args(OneGpu, "n5", "n1", "n4", "gone", "n2"));
        Assert.Equal(["n4", "n5"], answer.Offered);
        Assert.Empty(answer.Failed);
        Assert.Equal(["gone"], answer.Unresolvable.Keys);
    }

    [Fact]
    public void Filter_NodesOfEqualScore_ZonesTakeTurns()
    {
        var harness = new ExtenderHarness(new ExtenderOptions { Shortlist = 4 })
            .With(Enumerable.Range(0, 9).Select(i => MakeNode.Named($"n{i}").Gpus(8).Cpu("8").Label(Zone, $"z{i / 4}").Build()));
        var offered = harness.Filter(RequestBody.Args(OneGpu, Enumerable.Range(0, 9).Select(i => $"n{i}"))).Offered;
        Assert.Equal(4, offered.Length);
        Assert.Equal([0, 1, 2], offered.Select(name => (name[1] - '0') / 4).Distinct());
        Assert.Equal(offered.Order(), offered);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Filter_ShortlistNotExceeded_OffersAll(int shortlist)
    {
        var names = Enumerable.Range(0, 5).Select(i => $"n{i}").ToArray();
        var harness = new ExtenderHarness(new ExtenderOptions { Shortlist = shortlist }).With(names.Select(name => MakeNode.Named(name).Gpus(8).Cpu("8").Build()));
        Assert.Equal(names, harness.Filter(RequestBody.Args(OneGpu, names)).Offered);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Filter_AnyCluster_OffersTheBestStepsAndAlwaysTheBestNode(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 40; round++)
        {
            var count = random.Next(1, 60);
            var limit = random.Next(1, 20);
            var names = Enumerable.Range(0, count).Select(i => $"n{i}").ToArray();
            var nodes = names.Select(name => MakeNode.Named(name).Gpus(8).Cpu("64").Label(Zone, $"z{random.Next(5)}").Build()).ToArray();
            var pods = names.Where(_ => random.Next(3) > 0)
                .Select(name => MakePod.Named($"on-{name}").Gpus(random.Next(1, 9)).Cpu($"{random.Next(1, 9)}").On(name).Build()).ToArray();
            var all = new ExtenderHarness(strategy: new MostAllocated()).With(nodes).With(pods);
            var few = new ExtenderHarness(new ExtenderOptions { Shortlist = limit }, new MostAllocated()).With(nodes).With(pods);
            random.Shuffle(names);
            var body = RequestBody.Args(OneGpu, names);
            var feasible = all.Filter(body).Offered;
            var offered = few.Filter(body).Offered;
            Assert.Equal(Math.Min(limit, feasible.Length), offered.Length);
            Assert.Equal(feasible.Where(offered.Contains), offered);
            if (feasible.Length == 0) continue;

            var scores = all.Prioritize(RequestBody.Args(OneGpu, feasible));
            Assert.Contains(10, offered.Select(name => scores[name]));
            var leftOut = feasible.Except(offered).Select(name => Math.Min(9, scores[name])).ToArray();
            if (leftOut.Length > 0) Assert.All(offered, name => Assert.True(Math.Min(9, scores[name]) >= leftOut.Max()));
        }
    }
}
