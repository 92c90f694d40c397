using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Extender.Tests;

/// <summary>Request bodies as kube-scheduler writes them.</summary>
internal static class RequestBody
{
    public static string Args(Pod pod, params IEnumerable<string> nodeNames) =>
        $$"""{"Pod":{{Json(pod)}},"Nodes":null,"NodeNames":[{{string.Join(',', nodeNames.Select(name => JsonSerializer.Serialize(name)))}}]}""";

    public static string WholeNodes(Pod pod, params IEnumerable<Node> nodes) =>
        $$"""{"Pod":{{Json(pod)}},"Nodes":{"metadata":{},"items":[{{string.Join(',', nodes.Select(Json))}}]},"NodeNames":null}""";

    public static string MetaVictims(Pod pod, params IEnumerable<(string Node, string[] Uids)> proposals) =>
        $$"""{"Pod":{{Json(pod)}},"NodeNameToVictims":null,"NodeNameToMetaVictims":{{Map(proposals.Select(proposal => (proposal.Node, Meta(proposal.Uids))))}}}""";

    public static string Victims(Pod pod, params IEnumerable<(string Node, Pod[] Pods)> proposals) =>
        $$"""{"Pod":{{Json(pod)}},"NodeNameToVictims":{{Map(proposals.Select(proposal => (proposal.Node, Whole(proposal.Pods))))}},"NodeNameToMetaVictims":null}""";

    public static string Bind(Pod pod, string node) =>
        $$"""{"PodName":"{{pod.Name}}","PodNamespace":"{{pod.Namespace}}","PodUID":"{{pod.Uid}}","Node":"{{node}}"}""";

    public static string Json(Pod pod) => Written(writer => PodWriter.Write(writer, pod));

    public static string Json(Node node) => Written(writer => NodeWriter.Write(writer, node));

    private static string Map(IEnumerable<(string Node, string Victims)> entries) =>
        $"{{{string.Join(',', entries.Select(entry => $"{JsonSerializer.Serialize(entry.Node)}:{entry.Victims}"))}}}";

    private static string Meta(string[] uids) =>
        $$"""{"Pods":[{{string.Join(',', uids.Select(uid => JsonSerializer.Serialize(new { UID = uid })))}}],"NumPDBViolations":0}""";

    private static string Whole(Pod[] pods) => $$"""{"Pods":[{{string.Join(',', pods.Select(Json))}}],"NumPDBViolations":0}""";

    private static string Written(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
