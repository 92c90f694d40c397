using GpuScheduler.Core.Ledger;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

/// <summary>Calls that try something out in a ledger of their own must not look like pods that come and go.</summary>
public sealed class PurityTests
{
    private readonly List<string> _told = [];
    private readonly ExtenderHarness _harness;

    public PurityTests()
    {
        var options = new LedgerOptions { PodArrived = _ => _told.Add("arrived"), PodDeparted = () => _told.Add("departed") };
        _harness = new ExtenderHarness(ledgerOptions: options).With(MakeNode.Named("n").Cpu("8").Memory("8Gi").Gpus(8).Build());
        _harness.With(MakePod.Named("low").Uid("low").Gpus(8).On("n").Build());
    }

    [Fact]
    public void Preempt_TriedOut_TellsNobodyOfPods()
    {
        var victims = _harness.Preempt(
            """
            {"Pod":{"metadata":{"name":"p","uid":"p"},"spec":{"priority":9,"containers":[{"resources":{"limits":{"nvidia.com/gpu":"8"}}}]}},
             "NodeNameToMetaVictims":{"n":{"Pods":[{"UID":"low"}],"NumPDBViolations":0}}}
            """);

        Assert.Equal(["low"], victims["n"]);
        Assert.Empty(_told);
    }

    [Fact]
    public void Filter_OfWholeNodes_TellsNobodyOfPods()
    {
        var answer = _harness.CallRaw(
            ExtenderVerb.Filter,
            """
            {"Pod":{"metadata":{"name":"p","uid":"p"},"spec":{"containers":[{"resources":{"limits":{"nvidia.com/gpu":"1"}}}]}},
             "Nodes":{"items":[{"metadata":{"name":"n"},"status":{"allocatable":{"cpu":"8","memory":"8Gi","pods":"110","nvidia.com/gpu":"8"}}}]}}
            """);

        Assert.Contains("Insufficient nvidia.com/gpu", answer, StringComparison.Ordinal);
        Assert.Empty(_told);
    }
}
