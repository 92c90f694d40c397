using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class PrioritizeTests
{
    private static readonly Pod OneGpu = MakePod.Named("p").Gpus(1).Cpu("1").Build();

    [Fact]
    public void Prioritize_Answer_ScoresEachAskedNodeOnceTheUnknownLast()
    {
        var answer = Cluster().CallRaw(ExtenderVerb.Prioritize, RequestBody.Args(OneGpu, "empty", "full", "gone", "half", "empty"));
        Assert.Equal("""[{"Host":"empty","Score": 0},{"Host":"full","Score": 0},{"Host":"half","Score":10},{"Host":"gone","Score": 0}]""", answer);
    }

    [Fact]
    public void Prioritize_StrategyIsReplaced_NextCallUsesTheNewOne()
    {
        var harness = Cluster();
        var body = RequestBody.Args(OneGpu, "empty", "half");
        Assert.Equal(10, harness.Prioritize(body)["half"]);
        harness.Strategy.Current = new LeastAllocated(new ResourceWeights(0, 0, 1));
        Assert.Equal(10, harness.Prioritize(body)["empty"]);
        Assert.Equal(0, harness.Prioritize(body)["half"]);
    }

    [Fact]
    public void Prioritize_WholeNodes_ScoresWhatTheRequestSays()
    {
        var harness = Cluster();
        var scores = harness.Prioritize(RequestBody.WholeNodes(OneGpu, MakeNode.Named("empty").Gpus(1).Cpu("8").Build(), MakeNode.Named("half").Gpus(4).Cpu("8").Build()));
        Assert.Equal(10, scores["empty"]);
        Assert.Equal(0, scores["half"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("{}")]
    public void Prioritize_MalformedBody_GivesNoScores(string body) => Assert.Equal("[]", Cluster().CallRaw(ExtenderVerb.Prioritize, body));

    [Fact]
    public void Prioritize_AnyCut_IsAnswered() => CutBodies.AssertAllAnswered(Cluster(), ExtenderVerb.Prioritize, RequestBody.Args(OneGpu, "empty", "half"));

    private static ExtenderHarness Cluster() => new ExtenderHarness()
        .With(
            MakeNode.Named("empty").Gpus(2).Cpu("8").Build(),
            MakeNode.Named("full").Gpus(1).Cpu("8").Build(),
            MakeNode.Named("half").Gpus(2).Cpu("8").Build())
        .With(MakePod.Named("a").Gpus(1).On("full").Build(), MakePod.Named("b").Gpus(1).On("half").Build());
}
