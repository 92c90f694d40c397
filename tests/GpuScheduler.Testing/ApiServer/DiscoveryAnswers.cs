using System.Text.Json.Nodes;

namespace GpuScheduler.Testing;

/// <summary>What the server says of itself: <c>/version</c> and <c>/apis</c>.</summary>
internal static class DiscoveryAnswers
{
    private static readonly string[] Served = ["apps/v1", "authentication.k8s.io/v1", "coordination.k8s.io/v1", "events.k8s.io/v1"];

    public static (int Code, byte[] Body) For(string path, string gitVersion, IEnumerable<string> more)
    {
        switch (path)
        {
            case "/version":
                var parts = gitVersion.TrimStart('v').Split('.');
                return (200, ObjectStore.Bytes(new JsonObject { ["major"] = parts[0], ["minor"] = parts[1], ["gitVersion"] = gitVersion }));
            case "/apis":
                return (200, ObjectStore.Bytes(new JsonObject
                {
                    ["kind"] = "APIGroupList",
                    ["apiVersion"] = "v1",
                    ["groups"] = new JsonArray([.. Served.Concat(more).Select(Group)]),
                }));
            default:
                return (404, Answers.Status(404, "NotFound", "the server could not find the requested resource"));
        }
    }

    private static JsonNode Group(string groupVersion)
    {
        var parts = groupVersion.Split('/');
        return new JsonObject
        {
            ["name"] = parts[0],
            ["versions"] = new JsonArray(new JsonObject { ["groupVersion"] = groupVersion, ["version"] = parts[1] }),
        };
    }
}
