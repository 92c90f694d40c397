using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>Identities between our form, where absent is empty, and the models', where it is null.</summary>
internal static class ModelMeta
{
    public static ObjectMeta ToMeta(this V1ObjectMeta? model) => model is null
        ? ObjectMeta.Empty
        : new(model.NamespaceProperty ?? "", model.Name ?? "", model.Uid ?? "", model.ResourceVersion ?? "");

    public static V1ObjectMeta ToModel(this ObjectMeta meta) => new()
    {
        NamespaceProperty = NullIfEmpty(meta.Namespace),
        Name = NullIfEmpty(meta.Name),
        Uid = NullIfEmpty(meta.Uid),
        ResourceVersion = NullIfEmpty(meta.ResourceVersion),
    };

    public static ObjectReference ToReference(this V1ObjectReference? model) => model is null
        ? new("", "", ObjectMeta.Empty)
        : new(
            model.ApiVersion ?? "",
            model.Kind ?? "",
            new(model.NamespaceProperty ?? "", model.Name ?? "", model.Uid ?? "", model.ResourceVersion ?? ""));

    public static V1ObjectReference ToModel(this ObjectReference reference) => new()
    {
        ApiVersion = NullIfEmpty(reference.ApiVersion),
        Kind = NullIfEmpty(reference.Kind),
        NamespaceProperty = NullIfEmpty(reference.Meta.Namespace),
        Name = NullIfEmpty(reference.Meta.Name),
        Uid = NullIfEmpty(reference.Meta.Uid),
        ResourceVersion = NullIfEmpty(reference.Meta.ResourceVersion),
    };

    /// <summary>A copy; null for an empty map, which is then not written.</summary>
    public static Dictionary<string, string>? ToModel(this IReadOnlyDictionary<string, string> map) =>
        map.Count == 0 ? null : new(map, StringComparer.Ordinal);

    /// <summary>A copy; empty for null.</summary>
    public static Dictionary<string, string> ToMap(this IDictionary<string, string>? model) =>
        new(model ?? new Dictionary<string, string>(), StringComparer.Ordinal);

    public static DateTimeOffset? ToOffset(this DateTime? time) => time is { } value ? new DateTimeOffset(value) : null;

    public static string? NullIfEmpty(string? text) => text is { Length: > 0 } ? text : null;
}
