using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Tests.Objects;

/// <summary>Whatever the bytes are, a reader gives objects or one of its two errors: callers catch nothing else.</summary>
public sealed class DamagedInputTests
{
    private const string Body = """
        {"kind":"List","\u0078":1,"items":[
         {"kind":"Node","metadata":{"name":"n\u00e4","labels":{"a\u0062":"c"}},"spec":{"taints":[{"key":"k","effect":"NoSchedule"}],"unschedulable":false},
          "status":{"allocatable":{"cpu":"1.5","memory":"1Gi","nvidia.com\/gpu":8},"conditions":[{"type":"Ready","status":"True"}]}},
         {"kind":"Pod","metadata":{"name":"p","annotations":{"gpu-memory":"\u0031"},"creationTimestamp":"2026-11-20T23:37:43Z"},
          "spec":{"priority":10,"containers":[{"resources":{"requests":{"cpu":"15e-1","nvidia.com/gpu":"\u0032"}}}]},
          "status":{"phase":"Running","containerStatuses":[{"resources":{"requests":{"cpu":2}}}]}}]}
        """;

    [Theory]
    [InlineData((byte)'"')]
    [InlineData((byte)'\\')]
    [InlineData((byte)'{')]
    [InlineData((byte)'}')]
    [InlineData((byte)']')]
    [InlineData((byte)',')]
    [InlineData((byte)'9')]
    [InlineData((byte)'-')]
    [InlineData((byte)'d')]
    [InlineData((byte)0)]
    [InlineData((byte)0xFF)]
    public void Read_AnyByteReplaced_GivesObjectsOrOneOfTheTwoErrors(byte replacement)
    {
        var reader = new KubernetesListReader(GpuResourceCatalog.Default);
        var bytes = Encoding.UTF8.GetBytes(Body);
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = bytes.ToArray();
            damaged[at] = replacement;
            var error = Record.Exception(() => reader.Read(damaged));
            Assert.True(error is null or JsonException or FormatException, $"byte {at}: {error}");
        }
    }

    [Theory]
    [InlineData("""{"kind":"List","\ud800":1,"items":[]}""")]
    [InlineData("""{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"p"},"\ud800":{}}]}""")]
    [InlineData("""{"kind":"List","items":[{"kind":"Pod","metadata":{"name":"p","labels":{"\ud800":"x","gpu-memory":"\ud800"}}}]}""")]
    [InlineData("""{"kind":"List","items":[{"kind":"Node","metadata":{"name":"n"},"status":{"capacity":{"\ud800":"1","cpu":"\ud800"}}}]}""")]
    [InlineData("""{"kind":"\ud800"}""")]
    public void Read_HalfOfASurrogatePair_GivesObjectsOrOneOfTheTwoErrors(string json)
    {
        var error = Record.Exception(() => new KubernetesListReader(GpuResourceCatalog.Default).Read(Encoding.UTF8.GetBytes(json)));
        Assert.True(error is null or JsonException or FormatException, $"{error}");
    }

    [Fact]
    public void Read_NestedDeeperThanAReaderAllows_IsAJsonError()
    {
        var json = $$$"""{"metadata":{"name":"p"},"spec":{{{string.Concat(Enumerable.Repeat("[", 100_000))}}}""";
        Assert.ThrowsAny<JsonException>(() => Read.Pod(json));
    }
}
