using GpuScheduler.Core.Binding;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class BindTests
{
    [Fact]
    public void Bind_AfterFilter_HandsOnThePodThatFilterSaw()
    {
        var harness = new ExtenderHarness().With(MakeNode.Named("n").Gpus(1).Cpu("8").Build());
        var pod = MakePod.Named("p").Gpus(1).Build();
        harness.Filter(RequestBody.Args(pod, "n"));
        Assert.Equal("", harness.Bind(RequestBody.Bind(pod, "n")));
        var request = Assert.Single(harness.Binder.Requests);
        Assert.Equal(("default", "p", pod.Uid, "n"), (request.Namespace, request.Name, request.Uid, request.NodeName));
        Assert.Equal(pod.Shape, request.Seen!()!.Shape);
    }

    [Fact]
    public void Bind_PodNeverSeen_IsAskedAllTheSame()
    {
        var harness = new ExtenderHarness();
        Assert.Equal("", harness.Bind("""{"podname":"p","podnamespace":"d","poduid":"u","node":"n","other":[]}"""));
        Assert.Null(Assert.Single(harness.Binder.Requests).Seen!());
    }

    [Fact]
    public void Bind_BinderRefuses_ErrorSaysWhy()
    {
        var harness = new ExtenderHarness();
        harness.Binder.Answer = _ => BindOutcome.Failed("node n: Insufficient \"x\"");
        Assert.Equal("node n: Insufficient \"x\"", harness.Bind(RequestBody.Bind(MakePod.Named("p").Build(), "n")));
    }

    [Fact]
    public void Bind_BinderThrows_ErrorSaysSo()
    {
        var harness = new ExtenderHarness();
        harness.Binder.Answer = _ => throw new InvalidOperationException("broken");
        Assert.Contains("broken", harness.Bind(RequestBody.Bind(MakePod.Named("p").Build(), "n")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"PodName":"p","PodNamespace":"d","PodUID":"u"}""", "Node is missing")]
    [InlineData("""{"PodName":7}""", "byte offset 11, '7': expected a string")]
    [InlineData("", "byte offset 0")]
    public void Bind_MalformedBody_ErrorSaysWhat(string body, string expected)
    {
        var harness = new ExtenderHarness();
        Assert.Contains(expected, harness.Bind(body), StringComparison.Ordinal);
        Assert.Empty(harness.Binder.Requests);
    }

    [Fact]
    public void Bind_AnyCut_IsAnswered() => CutBodies.AssertAllAnswered(new ExtenderHarness(), ExtenderVerb.Bind, RequestBody.Bind(MakePod.Named("p").Build(), "n"));
}
