using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

/// <summary>Constraints over the wire, where the pod is known from the request alone and its shape from the request's bytes.</summary>
public sealed class ConstraintTests
{
    private const string H100 = "NVIDIA-H100-80GB-HBM3";

    [Fact]
    public void Filter_PodsThatDifferInOneAnnotation_GetTheirOwnAnswers()
    {
        var harness = Cluster();
        for (var again = 0; again < 2; again++)
        {
            Assert.Equal(["large", "small"], harness.Filter(Args("x", "y")).Offered);
            Assert.Equal(["large"], harness.Filter(Args(ConstraintAnnotations.MinGpuMemory, "40Gi")).Offered);
            Assert.Empty(harness.Filter(Args(ConstraintAnnotations.MinGpuMemory, "400Gi")).Offered);
            Assert.Equal(["large"], harness.Filter(Args(ConstraintAnnotations.LinkIsland, "required")).Offered);
        }
    }

    [Fact]
    public void Filter_ReasonWithNumbersOfTheNode_IsEachNodesOwn()
    {
        var failed = Cluster().Filter(Args(ConstraintAnnotations.MinGpuMemory, "100Gi")).Unresolvable;
        Assert.Equal("GPU memory 81559Mi < 100Gi", failed["large"]);
        Assert.Equal("GPU memory 15360Mi < 100Gi", failed["small"]);
    }

    [Fact]
    public void Filter_BadValue_IsSaidOfEveryNode()
    {
        var failed = Cluster().Filter(Args(ConstraintAnnotations.ExclusiveNode, "yes")).Unresolvable;
        Assert.Equal(["large", "small"], failed.Keys.Order());
        Assert.All(failed.Values, reason => Assert.Equal("annotation gpu-scheduler.io/exclusive-node: 'yes' is neither true nor false", reason));
    }

    [Fact]
    public void Filter_UnknownAnnotation_IsSaidInTheReasons()
    {
        var harness = Cluster();
        Assert.Equal(2, harness.Filter(Args("gpu-scheduler.io/gpu-modle", H100)).Offered.Length);
        var pod = MakePod.Named("p").Gpus(9).Annotation("gpu-scheduler.io/gpu-modle", H100).Build();
        Assert.EndsWith(
            "note: unknown annotation gpu-scheduler.io/gpu-modle, did you mean gpu-scheduler.io/gpu-model?",
            harness.Filter(RequestBody.Args(pod, "large")).Unresolvable["large"]);
    }

    [Fact]
    public void StrategyFor_PackOrSpread_OverridesThePolicyAndStaysOneInstance()
    {
        var policy = new ConstrainedScoring(new SingleStrategy(new BalancedAllocation()));
        Assert.IsType<BalancedAllocation>(policy.StrategyFor(MakePod.Named("p").Gpus(2).Shape()));
        Assert.IsType<PackGpus>(policy.StrategyFor(Shape(ConstraintAnnotations.Placement, "pack")));
        Assert.IsType<LeastAllocated>(policy.StrategyFor(Shape(ConstraintAnnotations.Placement, "spread")));
        var joined = Shape(ConstraintAnnotations.LinkIsland, "preferred");
        Assert.IsType<PreferJoined>(policy.StrategyFor(joined));
        Assert.Same(policy.StrategyFor(joined), policy.StrategyFor(joined));

        static Core.Objects.PodShape Shape(string annotation, string value) => MakePod.Named("p").Gpus(2).Annotation(annotation, value).Shape();
    }

    private static string Args(string annotation, string value) =>
        RequestBody.Args(MakePod.Named("p").Gpus(2).Cpu("1").Annotation(annotation, value).Build(), "large", "small");

    private static ExtenderHarness Cluster() => new ExtenderHarness().With(
        MakeNode.Named("large").Cpu("96").Gpus(8).Model(H100).GpuMemoryMiB(81559).Build(),
        MakeNode.Named("small").Cpu("96").Gpus(8).Model("Tesla-T4").GpuMemoryMiB(15360).Build());
}
