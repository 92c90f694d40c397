using System.Text.Json.Nodes;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Access;

/// <summary>What a fake API server says of tokens: <c>NAME-token</c> is that of service account NAME, and the readers may get /api/v1/* and /metrics.</summary>
internal static class Reviews
{
    public const string Good = "prometheus-token";
    public const string Stranger = "stranger-token";

    /// <summary>Answers reviews from now on.</summary>
    /// <param name="server">The server.</param>
    /// <param name="audience">Whom tokens are meant for besides the API server.</param>
    public static void AnswerReviews(this FakeApiServer server, string audience = "https://kubernetes.default.svc")
    {
        server.Review(ResourceType.TokenReviews, sent =>
        {
            var token = (string)sent["spec"]!["token"]!;
            var asked = sent["spec"]!["audiences"]?.AsArray().Select(value => (string)value!).ToArray();
            var isFor = asked is null || asked.Contains(audience);
            sent["status"] = token is Good or Stranger && isFor
                ? new JsonObject
                {
                    ["authenticated"] = true,
                    ["audiences"] = new JsonArray(audience),
                    ["user"] = new JsonObject
                    {
                        ["username"] = $"system:serviceaccount:monitoring:{token[..^"-token".Length]}",
                        ["groups"] = new JsonArray("system:serviceaccounts", "system:authenticated"),
                        ["extra"] = new JsonObject { ["authentication.kubernetes.io/pod-name"] = new JsonArray("p-0") },
                    },
                }
                : new JsonObject { ["error"] = "[invalid bearer token]" };
            return sent;
        });
        server.Review(ResourceType.SubjectAccessReviews, sent =>
        {
            var spec = sent["spec"]!;
            var (path, verb) = ((string)spec["nonResourceAttributes"]!["path"]!, (string)spec["nonResourceAttributes"]!["verb"]!);
            var isReader = (string)spec["user"]! == "system:serviceaccount:monitoring:prometheus" && spec["extra"]!["authentication.kubernetes.io/pod-name"] is not null;
            var isOpen = path == "/metrics" || path.StartsWith("/api/v1/", StringComparison.Ordinal);
            sent["status"] = new JsonObject { ["allowed"] = isReader && isOpen && verb == "get", ["reason"] = isReader ? "" : "no rule allows it" };
            return sent;
        });
    }

    /// <summary>A kubeconfig of the server, in the folder.</summary>
    public static string WriteKubeconfig(this FakeApiServer server, string folder, string token = "any")
    {
        var file = Path.Combine(folder, "kubeconfig");
        File.WriteAllText(file, $$$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "{{{server.Address}}}"}}]
            users: [{name: u, user: {token: {{{token}}} }}]
            contexts: [{name: c, context: {cluster: c, user: u}}]
            current-context: c
            """);
        return file;
    }
}
