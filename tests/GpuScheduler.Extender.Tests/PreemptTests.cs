using System.Text.Json.Nodes;
using GpuScheduler.Core.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class PreemptTests
{
    private static readonly Pod Urgent = MakePod.Named("urgent").Gpus(2).Priority(1000).Build();

    [Fact]
    public void Preempt_EnoughVictims_KeepsThemAsProposed()
    {
        var harness = Cluster();
        var answer = harness.CallRaw(ExtenderVerb.Preempt, RequestBody.MetaVictims(Urgent, ("n", ["uid-of-default/mid", "uid-of-default/low", "uid-of-default/lowest"])));
        Assert.Equal(
            """{"NodeNameToMetaVictims":{"n":{"Pods":[{"UID":"uid-of-default/mid"},{"UID":"uid-of-default/low"},{"UID":"uid-of-default/lowest"}],"NumPDBViolations":0}}}""",
            answer);
    }

    [Fact]
    public void Preempt_TooFewVictims_AddsTheLeastImportantThatMakesRoomHighestPriorityFirst()
    {
        var answer = Cluster().Preempt(RequestBody.MetaVictims(Urgent, ("n", ["uid-of-default/low"])));
        Assert.Equal(["uid-of-default/low", "uid-of-default/lowest"], answer["n"]);
        answer = Cluster().Preempt(RequestBody.MetaVictims(Urgent, ("n", ["uid-of-default/lowest"])));
        Assert.Equal(["uid-of-default/low", "uid-of-default/lowest"], answer["n"]);
    }

    [Fact]
    public void Preempt_EmptyVictims_FindsThem()
    {
        Assert.Equal(["uid-of-default/low", "uid-of-default/lowest"], Cluster().Preempt(RequestBody.MetaVictims(Urgent, ("n", [])))["n"]);
    }

    [Fact]
    public void Preempt_EmptyVictimsOnANodeWithRoom_DropsIt()
    {
        Assert.Empty(Cluster().Preempt(RequestBody.MetaVictims(Urgent, ("free", []))));
    }

    [Fact]
    public void Preempt_NoEvictionHelps_DropsTheNode()
    {
        var huge = MakePod.Named("huge").Gpus(5).Priority(1000).Build();
        Assert.Empty(Cluster().Preempt(RequestBody.MetaVictims(huge, ("n", ["uid-of-default/low"]), ("gone", ["x"]))));
        var modest = MakePod.Named("modest").Gpus(2).Priority(1).Build();
        Assert.Empty(Cluster().Preempt(RequestBody.MetaVictims(modest, ("n", ["uid-of-default/lowest"]))));
    }

    [Fact]
    public void Preempt_UnknownUid_IsKept()
    {
        var answer = Cluster().Preempt(RequestBody.MetaVictims(Urgent, ("n", ["stranger", "uid-of-default/low", "uid-of-default/lowest"])));
        Assert.Equal(["stranger", "uid-of-default/low", "uid-of-default/lowest"], answer["n"]);
    }

    [Fact]
    public void Preempt_WholePods_AreAnsweredByUid()
    {
        var low = MakePod.Named("low").Gpus(1).Priority(2).On("n").Build();
        Assert.Equal(["uid-of-default/low", "uid-of-default/lowest"], Cluster().Preempt(RequestBody.Victims(Urgent, ("n", [low])))["n"]);
    }

    [Fact]
    public void Preempt_SharesOfOneDevice_AreFreedOnOneDevice()
    {
        // 500 thousandths are free by count, spread over two devices; evicting either pod of one device does.
        var harness = new ExtenderHarness()
            .With(MakeNode.Named("n").Cpu("8").Resource("gpu-scheduler.io/gpu-milli", "2000").Build())
            .With(MakePod.Named("a").GpuMilli(700).Priority(5).On("n").Build(), MakePod.Named("b").GpuMilli(700).Priority(1).On("n").Build());
        var answer = harness.Preempt(RequestBody.MetaVictims(MakePod.Named("p").GpuMilli(400).Priority(9).Build(), ("n", [])));
        Assert.Equal(["uid-of-default/b"], answer["n"]);
    }

    [Theory]
    [InlineData("""{"Pod":POD,"NodeNameToVictims":null,"NodeNameToMetaVictims":null}""")]
    [InlineData("""{"Pod":POD,"NodeNameToMetaVictims":{"n":null}}""")]
    [InlineData("""{"Pod":POD,"NodeNameToMetaVictims":{"free":{"Pods":null}}}""")]
    public void Preempt_Nulls_AreNeverGivenBack(string template)
    {
        var answer = Cluster().CallRaw(ExtenderVerb.Preempt, template.Replace("POD", RequestBody.Json(Urgent)));
        Assert.Equal("""{"NodeNameToMetaVictims":{}}""", answer);
    }

    [Fact]
    public void Preempt_NullPods_AreLeftOut()
    {
        var body = $$"""{"Pod":{{RequestBody.Json(Urgent)}},"NodeNameToMetaVictims":{"n":{"Pods":[null,{"UID":"uid-of-default/low"},{"uid":"uid-of-default/lowest"}],"NumPDBViolations":3} } }""";
        var answer = JsonNode.Parse(Cluster().CallRaw(ExtenderVerb.Preempt, body))!["NodeNameToMetaVictims"]!["n"]!;
        Assert.Equal(3, (int)answer["NumPDBViolations"]!);
        Assert.Equal(["uid-of-default/low", "uid-of-default/lowest"], answer["Pods"]!.AsArray().Select(pod => (string)pod!["UID"]!));
    }

    [Fact]
    public void Preempt_AnyCut_IsAnswered()
    {
        CutBodies.AssertAllAnswered(Cluster(), ExtenderVerb.Preempt, RequestBody.MetaVictims(Urgent, ("n", ["uid-of-default/low"])));
    }

    private static ExtenderHarness Cluster() => new ExtenderHarness()
        .With(MakeNode.Named("n").Gpus(4).Cpu("8").Build(), MakeNode.Named("free").Gpus(4).Cpu("8").Build())
        .With(
            MakePod.Named("high").Gpus(1).Priority(2000).On("n").Build(),
            MakePod.Named("mid").Gpus(1).Priority(3).On("n").Build(),
            MakePod.Named("low").Gpus(1).Priority(2).On("n").Build(),
            MakePod.Named("lowest").Gpus(1).Priority(1).On("n").Build());
}
