using Microsoft.AspNetCore.Http;

namespace GpuScheduler.Testing;

/// <summary>What a URL asks for.</summary>
internal sealed record RequestTarget(
    string Collection, string Group, string Version, string Plural, string Namespace, string Name, string Subresource)
{
    public string Resource => Subresource.Length > 0 ? $"{Plural}/{Subresource}" : Plural;

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Null for non-resource URLs such as /version.</summary>
    public static RequestTarget? Parse(PathString path)
    {
        var parts = (path.Value ?? "").Trim('/').Split('/');
        var (group, at) = parts switch
        {
            ["api", _, _, ..] => ("", 1),
            ["apis", var g, _, _, ..] => (g, 2),
            _ => ("", -1),
        };
        if (at < 0)
        {
            return null;
        }

        var version = parts[at++];
        var ns = "";
        if (parts[at] == "namespaces" && parts.Length > at + 2)
        {
            ns = Uri.UnescapeDataString(parts[at + 1]);
            at += 2;
        }

        var plural = parts[at];
        var name = parts.Length > at + 1 ? Uri.UnescapeDataString(parts[at + 1]) : "";
        var subresource = parts.Length > at + 2 ? parts[at + 2] : "";
        var root = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
        return new($"{root}/{plural}", group, version, plural, ns, name, subresource);
    }

    public string VerbOf(HttpRequest request) => request.Method switch
    {
        "GET" when Name.Length > 0 => "get",
        "GET" => request.Query["watch"] == "true" ? "watch" : "list",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        var other => other,
    };
}
