using GpuScheduler.Core.Ledger;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Ledger;

public sealed class NodePodsTests
{
    private readonly PodSlots _slots = new();

    [Fact]
    public void GetEnumerator_PodsCameAndWent_NamesThoseLeftInTheOrderInWhichTheyCame()
    {
        var pods = new NodePods(_slots);
        var (first, second, third) = (Add(pods, "first"), Add(pods, "second"), Add(pods, "third"));

        pods.Remove(second);
        var fourth = Add(pods, "fourth");
        pods.Remove(first);

        Assert.Equal([third, fourth], pods);
        Assert.Equal(2, pods.Count);
    }

    [Fact]
    public void Remove_TheOnlyOne_CanBeAddedToAnother()
    {
        var (here, there) = (new NodePods(_slots), new NodePods(_slots));
        var pod = Add(here, "pod");

        here.Remove(pod);
        there.Add(pod);

        Assert.Empty(here);
        Assert.Equal([pod], there);
    }

    /// <summary>Whatever comes and goes, and wherever it moves, each node knows what a list would know.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AnyHistory_AgainstLists_KnowsTheSame(int seed)
    {
        const int Nodes = 5;
        var random = new Random(seed);
        var nodes = Enumerable.Range(0, Nodes).Select(_ => (Pods: new NodePods(_slots), Known: new List<PodEntry>())).ToArray();
        for (var step = 0; step < 5_000; step++)
        {
            var (pods, known) = nodes[random.Next(Nodes)];
            if (known.Count == 0 || random.Next(2) == 0)
            {
                known.Add(Add(pods, $"pod-{step}"));
                continue;
            }

            var one = known[random.Next(known.Count)];
            known.Remove(one);
            pods.Remove(one);
            if (random.Next(2) == 0)
            {
                _slots.Free(one);
                continue;
            }

            var (otherPods, otherKnown) = nodes[random.Next(Nodes)];
            otherPods.Add(one);
            otherKnown.Add(one);
        }

        Assert.All(nodes, node => Assert.Equal(node.Known, node.Pods));
        Assert.All(nodes, node => Assert.Equal(node.Known.Count, node.Pods.Count));
    }

    private PodEntry Add(NodePods pods, string name)
    {
        var entry = new PodEntry(MakePod.Named(name).Build());
        _slots.Take(entry);
        pods.Add(entry);
        return entry;
    }
}
