using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class KubernetesListReaderTests
{
    private const string Node = """{"kind":"Node","metadata":{"name":"n"}}""";
    private const string Pod = """{"kind":"Pod","metadata":{"name":"p"}}""";

    [Theory]
    [InlineData($$"""{"apiVersion":"v1","items":[{{Node}},{{Pod}},{"kind":"Service","metadata":{"name":"s"},"spec":[]}],"kind":"List"}""", "n", "p")]
    [InlineData("""{"kind":"NodeList","items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]}""", "a,b", "")]
    [InlineData("""{"items":[{"metadata":{"name":"a"}}],"kind":"PodList","metadata":{"resourceVersion":"1"}}""", "", "a")]
    [InlineData("""{"items":null,"kind":"PodList"}""", "", "")]
    [InlineData(Node, "n", "")]
    [InlineData(Pod, "", "p")]
    [InlineData("\uFEFF" + Pod, "", "p")]
    public void Read_EveryFormOfKubectl_GivesItsObjects(string json, string nodes, string pods)
    {
        var objects = Objects(json);
        Assert.Equal((nodes, pods), (string.Join(',', objects.Nodes.Select(node => node.Name)), string.Join(',', objects.Pods.Select(pod => pod.Name))));
        Assert.Empty(objects.Problems);
    }

    [Fact]
    public void Read_BadObjects_AreReportedAndTheOthersKept()
    {
        var objects = Objects($$$$"""
            {"kind":"List","items":[
              {{{{Node}}}},
              {"spec":{"containers":[{"resources":{"requests":{"cpu":"x"}}}]},"metadata":{"name":"bad","namespace":"team"},"kind":"Pod"},
              {"kind":"Node","metadata":{"name":7}},
              {"metadata":{"name":"what"}},
              null,
              [{"kind":"Pod"}],
              {{{{Pod}}}}]}
            """);
        Assert.Equal(("n", "p"), (objects.Nodes.Single().Name, objects.Pods.Single().Name));
        Assert.Collection(
            objects.Problems.Select(problem => problem.ToString()),
            text => Assert.StartsWith("""items[1] (Pod team/bad): spec.containers[0].resources.requests["cpu"]: 'x' is not""", text, StringComparison.Ordinal),
            text => Assert.Equal("items[2] (Node): metadata.name: expected a string, found a number", text),
            text => Assert.Equal("items[3] (what): kind: missing; expected Node or Pod", text),
            text => Assert.Equal("items[4]: kind: missing; expected Node or Pod", text),
            text => Assert.Equal("items[5]: kind: missing; expected Node or Pod", text));
    }

    [Theory]
    [InlineData("""{"kind":"Deployment","metadata":{"name":"d"}}""", "found kind 'Deployment'")]
    [InlineData("{}", "found no kind")]
    [InlineData("[]", "found no kind")]
    [InlineData("7", "found no kind")]
    [InlineData("""{"kind":"List","items":{}}""", "items: expected an array, found an object")]
    public void Read_SomethingElse_SaysWhatItFound(string json, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Objects(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("kind: List")]
    [InlineData(Pod + "x")]
    [InlineData(Pod + Pod)]
    public void Read_NotOneJsonText_IsAJsonError(string json) => Assert.ThrowsAny<JsonException>(() => Objects(json));

    [Fact]
    public void Read_BodyCutAtAnyByte_IsAnError()
    {
        var bytes = Encoding.UTF8.GetBytes($$$"""{"kind":"List","items":[{{{Node}}},{"kind":"Pod","metadata":{"name":1}},{{{Pod}}}]}""");
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            Assert.ThrowsAny<JsonException>(() => new KubernetesListReader(GpuResourceCatalog.Default).Read(cut));
        }
    }

    private static KubernetesObjects Objects(string json) => new KubernetesListReader(GpuResourceCatalog.Default).Read(Encoding.UTF8.GetBytes(json));
}
