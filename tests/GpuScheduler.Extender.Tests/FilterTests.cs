using GpuScheduler.Core.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class FilterTests
{
    private static readonly Pod OneGpu = MakePod.Named("p").Gpus(1).Cpu("1").Build();

    [Fact]
    public void Filter_NamesBeforePodAndOddCasing_IsUnderstood()
    {
        var harness = Cluster();
        var body = $$"""{"x":{"y":[1,2]},"nodenames":["full","empty"],"NODES":null,"extra":"z","pOd":{{RequestBody.Json(OneGpu)}}}""";
        var answer = harness.Filter(body);
        Assert.Equal(["empty"], answer.Offered);
        Assert.Equal("Insufficient nvidia.com/gpu", Assert.Single(answer.Failed).Value);
    }

    [Fact]
    public void Filter_Answer_IsWrittenAsGoWouldDecodeIt()
    {
        var answer = Cluster().CallRaw(ExtenderVerb.Filter, RequestBody.Args(OneGpu, "empty", "full", "gone", "bare"));
        Assert.Equal(
            """
            {"Nodes":null,"NodeNames":["empty"],"FailedNodes":{"full":"Insufficient nvidia.com/gpu"},"FailedAndUnresolvableNodes":{"bare":"Insufficient nvidia.com/gpu","gone":"node(s) were not known to gpu-scheduler (yet)"},"Error":""}
            """.Trim(),
            answer);
    }

    [Theory]
    [InlineData("""{"Pod":POD,"Nodes":null,"NodeNames":null}""")]
    [InlineData("""{"Pod":POD,"NodeNames":[]}""")]
    [InlineData("""{"Pod":POD}""")]
    public void Filter_NoNodes_OffersNone(string template)
    {
        var answer = Cluster().Filter(template.Replace("POD", RequestBody.Json(OneGpu)));
        Assert.Equal("", answer.Error);
        Assert.Empty(answer.Offered);
    }

    [Fact]
    public void Filter_EscapedAndNonAsciiNames_AreFound()
    {
        var harness = new ExtenderHarness().With(MakeNode.Named("knoten-é中😀").Gpus(1).Cpu("8").Build(), MakeNode.Named("a\"b").Gpus(1).Cpu("8").Build());
        var body = $$"""{"Pod":{{RequestBody.Json(OneGpu)}},"NodeNames":["knoten-é\u4e2d\ud83d\ude00","a\"b","knoten-é中😀"]}""";
        Assert.Equal(["knoten-é中😀", "a\"b"], harness.Filter(body).Offered);
    }

    [Fact]
    public void Filter_NameGivenTwice_IsOfferedOnce()
    {
        var answer = Cluster().Filter(RequestBody.Args(OneGpu, "empty", "full", "empty", "gone", "full", "gone"));
        Assert.Equal(["empty"], answer.Offered);
        Assert.Single(answer.Failed);
        Assert.Single(answer.Unresolvable);
    }

    [Fact]
    public void Filter_NullAmongNames_IsAnUnknownNode()
    {
        var answer = Cluster().Filter($$"""{"Pod":{{RequestBody.Json(OneGpu)}},"NodeNames":[null,"empty"]}""");
        Assert.Equal(["empty"], answer.Offered);
        Assert.Equal([""], answer.Unresolvable.Keys);
    }

    [Theory]
    [InlineData("""[]""", "byte offset 0, '[': expected an object")]
    [InlineData("""5""", "byte offset 0, '5': expected an object")]
    [InlineData("""{"Pod":5}""", "byte offset 7, '5': expected an object or null")]
    [InlineData("""{"NodeNames":["a",7]}""", "Pod is missing")]
    [InlineData("""{"Pod":POD,"NodeNames":["a",7]}""", ", '7': expected the name of a node")]
    [InlineData("""{"Pod":POD,"NodeNames":{}}""", ", '{': expected an array or null")]
    [InlineData("""{"Pod":null,"NodeNames":["a"]}""", "Pod is missing")]
    [InlineData("""{"Pod" POD}""", "byte offset 7, '{\"kind\"': ")]
    [InlineData("""{"Pod":{"metadata":{"name":"p"},"spec":{"containers":[{"resources":{"requests":{"cpu":"x"}}}]}}}""", "Pod at byte offset 7: spec.containers[0]")]
    public void Filter_MalformedBody_SaysWhereAndWhat(string template, string expected)
    {
        var answer = Cluster().Filter(template.Replace("POD", template.StartsWith("{\"Pod\" ", StringComparison.Ordinal) ? """{"kind":1}""" : RequestBody.Json(OneGpu)));
        Assert.Null(answer.NodeNames);
        Assert.Contains(expected, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Filter_BytesAfterTheBody_AreIgnoredAsByGo()
    {
        var body = RequestBody.Args(OneGpu, "empty");
        Assert.Equal(["empty"], Cluster().Filter(body + "\n").Offered);
        Assert.Equal(["empty"], Cluster().Filter(body + " garbage").Offered);
    }

    [Fact]
    public void Filter_InvalidUnicode_IsAnsweredInWellFormedJson()
    {
        var harness = Cluster();
        byte[] body = [.. """{"NodeNames":["\ud800","""u8, (byte)'"', 0xFF, 0xFE, (byte)'"', .. ",\"empty\"],\"Pod\":"u8, .. System.Text.Encoding.UTF8.GetBytes(RequestBody.Json(OneGpu)), (byte)'}'];
        var answer = harness.CallRaw(ExtenderVerb.Filter, body);
        Assert.Contains("\"NodeNames\":[\"empty\"]", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("\"Error\":\"m", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Filter_OnlyExtenderRejects_GoesWhereTheOptionSays(bool asResolvable)
    {
        // Two shares leave eight GPUs by count, but only six untouched.
        var harness = new ExtenderHarness(new ExtenderOptions { ReportExtenderOnlyAsResolvable = asResolvable })
            .With(MakeNode.Named("n").Gpus(2).Cpu("8").Resource("gpu-scheduler.io/gpu-milli", "2000").Build())
            .With(MakePod.Named("a").GpuMilli(600).On("n").Build(), MakePod.Named("b").GpuMilli(600).On("n").Build());
        var answer = harness.Filter(RequestBody.Args(MakePod.Named("p").GpuMilli(500).Build(), "n"));
        Assert.Empty(answer.Offered);
        Assert.Equal(asResolvable ? ["n"] : [], answer.Failed.Keys);
        Assert.Equal(asResolvable ? [] : ["n"], answer.Unresolvable.Keys);
    }

    [Fact]
    public void Filter_WholeNodes_AreReturnedByteForByteAndWinOverTheSnapshot()
    {
        var harness = Cluster();
        var bigger = MakeNode.Named("full").Gpus(2).Cpu("8").ResourceVersion("7").Build();
        var smaller = MakeNode.Named("empty").Gpus(0).Cpu("8").Build();
        var stranger = MakeNode.Named("stranger").Gpus(1).Cpu("8").Build();
        var raw = RequestBody.Json(bigger).Replace("{\"apiVersion\"", "{ \"é\\u00e9\" : [1, 2.50] ,\"apiVersion\"");
        var body = $$"""{"Pod":{{RequestBody.Json(OneGpu)}},"Nodes":{"metadata":{},"items":[{{raw}}, {{RequestBody.Json(smaller)}},null,{{RequestBody.Json(stranger)}}]},"NodeNames":null}""";
        var text = harness.CallRaw(ExtenderVerb.Filter, body);
        Assert.Contains(raw, text, StringComparison.Ordinal);
        var answer = FilterAnswer.Parse(text);
        Assert.Null(answer.NodeNames);
        Assert.Equal(["full", "stranger"], answer.Nodes!["items"]!.AsArray().Select(node => (string)node!["metadata"]!["name"]!));
        Assert.Equal(["empty"], answer.Unresolvable.Keys);
    }

    [Fact]
    public void Filter_WholeNodeThatCannotBeRead_FailsAlone()
    {
        var harness = Cluster();
        var body = $$"""{"Pod":{{RequestBody.Json(OneGpu)}},"Nodes":{"items":[{"metadata":{"name":"odd","labels":5} },{{RequestBody.Json(MakeNode.Named("empty").Gpus(1).Cpu("8").Build())}}]} }""";
        var answer = harness.Filter(body);
        Assert.Equal("", answer.Error);
        Assert.Single(answer.Nodes!["items"]!.AsArray());
        Assert.StartsWith("node cannot be read: metadata.labels", answer.Unresolvable["odd"], StringComparison.Ordinal);
    }

    [Fact]
    public void Filter_AnyCut_IsAnswered() => CutBodies.AssertAllAnswered(Cluster(), ExtenderVerb.Filter, RequestBody.Args(OneGpu, "empty", "é\"", "full") + "\n ");

    [Fact]
    public void Filter_SnapshotChanges_AreSeenByTheNextCall()
    {
        var harness = Cluster();
        var body = RequestBody.Args(OneGpu, "empty", "full");
        Assert.Equal(["empty"], harness.Filter(body).Offered);
        harness.Ledger.DeletePod("uid-of-default/holder");
        harness.With(MakePod.Named("other").Gpus(1).On("empty").Build());
        Assert.Equal(["full"], harness.Filter(body).Offered);
        harness.Ledger.DeleteNode("full");
        harness.Publish();
        Assert.Equal(["full"], harness.Filter(body).Unresolvable.Keys);
    }

    private static ExtenderHarness Cluster() => new ExtenderHarness()
        .With(MakeNode.Named("empty").Gpus(1).Cpu("8").Build(), MakeNode.Named("full").Gpus(1).Cpu("8").Build(), MakeNode.Named("bare").Cpu("8").Build())
        .With(MakePod.Named("holder").Gpus(1).On("full").Build());
}
