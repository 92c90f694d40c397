using GpuScheduler.LoadTest.Bodies;

namespace GpuScheduler.Benchmarks.Tests;

public sealed class NodeOrdersTests
{
    private static readonly (string Name, string Zone)[] Nodes = [.. Enumerable.Range(0, 900).Select(i => ($"n{i:000}", $"z{i / 300}"))];

    [Theory]
    [InlineData(NodeOrder.Scheduler)]
    [InlineData(NodeOrder.Listed)]
    [InlineData(NodeOrder.Shuffled)]
    public void Arrange_AllNodes_EachOnce(NodeOrder order) =>
        Assert.Equal(Nodes.Select(node => node.Name), NodeOrders.Arrange(Nodes, Nodes.Length, order, seed: 1).Order());

    [Fact]
    public void Arrange_SomeNodesAsScheduler_SpreadOverTheZones()
    {
        var some = NodeOrders.Arrange(Nodes, 90, NodeOrder.Scheduler, seed: 1);

        Assert.Equal([30, 30, 30], some.CountBy(name => Nodes.Single(node => node.Name == name).Zone).Select(zone => zone.Value));
    }

    [Fact]
    public void Arrange_AsScheduler_TwoRunsOfNeighboursMixed()
    {
        // What comes next is, but for the begin of a chunk, the next one of one of two runs.
        var places = NodeOrders.Arrange([.. Nodes.Select(node => (node.Name, ""))], Nodes.Length, NodeOrder.Scheduler, seed: 1)
            .Select(name => Array.FindIndex(Nodes, node => node.Name == name)).ToList();
        var runs = new List<int>();
        var begun = 0;
        foreach (var place in places)
        {
            var run = runs.IndexOf(place - 1);
            if (run < 0) begun++;
            else runs.RemoveAt(run);
            runs.Add(place);
        }

        Assert.InRange(begun, 2, 900 / 30 + 1);
        Assert.NotEqual(places.Order(), places);
    }

    [Fact]
    public void Arrange_OtherSeed_OtherOrder() => Assert.NotEqual(
        NodeOrders.Arrange(Nodes, Nodes.Length, NodeOrder.Scheduler, seed: 1), NodeOrders.Arrange(Nodes, Nodes.Length, NodeOrder.Scheduler, seed: 2));
}
