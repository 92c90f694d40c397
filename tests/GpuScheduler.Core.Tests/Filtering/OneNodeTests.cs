using GpuScheduler.Core.Filtering;

namespace GpuScheduler.Core.Tests.Filtering;

public sealed class OneNodeTests
{
    [Theory]
    [InlineData("node n1: node(s) were unschedulable", "node n1: was unschedulable")]
    [InlineData("node n1: node(s) had untolerated taint {team: a}, Insufficient cpu", "node n1: had untolerated taint {team: a}, Insufficient cpu")]
    [InlineData("node n1: node(s) had another pod that has their GPUs exclusively", "node n1: had another pod that has its GPUs exclusively")]
    [InlineData("node n1: Insufficient cpu, node(s) did not tell their GPUs apart, so which of them are joined is not known", "node n1: Insufficient cpu, did not tell its GPUs apart, so which of them are joined is not known")]
    [InlineData("gang ml/t: not all pods it starts with came, with their nodes held", "gang ml/t: not all pods it starts with came, with their nodes held")]
    public void Words_ReasonsOfANode_SpeakOfOne(string reasons, string expected) => Assert.Equal(expected, OneNode.Words(reasons));
}
