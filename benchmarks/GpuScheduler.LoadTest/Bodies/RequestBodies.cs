using System.Text;
using System.Text.Json;
using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.LoadTest.Bodies;

/// <summary>
/// Requests of the extender protocol with <c>nodeCacheCapable: true</c>: <c>ExtenderArgs</c> and <c>ExtenderBindingArgs</c> as Go writes them
/// (<c>staging/src/k8s.io/kube-scheduler/extender/v1/types.go</c>).
/// </summary>
/// <param name="host">Host and port of the server.</param>
/// <param name="prefix">Path before the verb.</param>
internal sealed class RequestBodies(string host, string prefix)
{
    /// <summary>A filter request.</summary>
    public RequestTemplate Filter(string resources, byte[] namesJson) => Args("filter", resources, namesJson, AnswerKind.EmptyError);

    /// <summary>A prioritize request.</summary>
    public RequestTemplate Prioritize(string resources, byte[] namesJson) => Args("prioritize", resources, namesJson, AnswerKind.List);

    /// <summary>A bind request.</summary>
    public RequestTemplate Bind(string node, AnswerKind kind)
    {
        var front = $$"""{"PodName":"load-{{RequestTemplate.NumberMark}}","PodNamespace":"benchmarks","PodUID":"0badcafe-0000-4000-8000-0000{{RequestTemplate.NumberMark}}","Node":"{{node}}"}""";
        return RequestTemplate.Post(host, $"{prefix}/bind", front, [], kind);
    }

    /// <summary>A JSON array of names.</summary>
    public static byte[] NamesJson(IEnumerable<string> names) => JsonSerializer.SerializeToUtf8Bytes(names);

    /// <summary>The <c>NodeNames</c> of a filter answer, as they stand there.</summary>
    public static byte[] NamesIn(ReadOnlyMemory<byte> filterAnswer)
    {
        using var answer = JsonDocument.Parse(filterAnswer);
        return Encoding.UTF8.GetBytes(answer.RootElement.GetProperty("NodeNames").GetRawText());
    }

    /// <summary>The nodes that a filter answer says cannot take the pod; those it neither offers nor names here are only not on the shortlist.</summary>
    public static HashSet<string> FailedIn(ReadOnlyMemory<byte> filterAnswer)
    {
        using var answer = JsonDocument.Parse(filterAnswer);
        return [.. new[] { "FailedNodes", "FailedAndUnresolvableNodes" }.SelectMany(map => answer.RootElement.GetProperty(map).EnumerateObject().Select(node => node.Name))];
    }

    private RequestTemplate Args(string verb, string resources, byte[] namesJson, AnswerKind kind) => RequestTemplate.Post(
        host, $"{prefix}/{verb}", $"{{\"Pod\":{PodShapes.Pod(resources)}", [.. ",\"Nodes\":null,\"NodeNames\":"u8, .. namesJson, (byte)'}'], kind);
}
