using System.Globalization;
using System.Text;

namespace GpuScheduler.Kubernetes;

/// <summary>Paths and queries as the API server expects them, relative to the server's address.</summary>
internal static class Url
{
    public static string Collection(ResourceType resource, string? ns) => Append(new StringBuilder(), resource, ns).ToString();

    /// <exception cref="ArgumentException">No name, or a name that would change the path.</exception>
    public static string Object(ResourceType resource, string? ns, string name, string? subresource = null)
    {
        if (resource.IsNamespaced && string.IsNullOrEmpty(ns))
        {
            throw new ArgumentException($"{resource.Plural} are namespaced: a namespace is needed", nameof(ns));
        }

        var path = Append(new StringBuilder(), resource, ns).Append('/').Append(Segment(name));
        return subresource is null ? path.ToString() : path.Append('/').Append(subresource).ToString();
    }

    public static string List(ResourceType resource, ListOptions options)
    {
        var query = new Query(Collection(resource, options.Namespace));
        query.Add("fieldSelector", options.FieldSelector);
        query.Add("labelSelector", options.LabelSelector);
        query.Add("limit", options.Limit?.ToString(CultureInfo.InvariantCulture));
        query.Add("continue", options.Continue);
        query.Add("resourceVersion", options.ResourceVersion);
        query.Add("resourceVersionMatch", options.ResourceVersionMatch);
        return query.ToString();
    }

    public static string Watch(ResourceType resource, WatchOptions options)
    {
        var query = new Query(Collection(resource, options.Namespace));
        query.Add("watch", "true");
        query.Add("fieldSelector", options.FieldSelector);
        query.Add("labelSelector", options.LabelSelector);
        query.Add("resourceVersion", options.ResourceVersion);
        query.Add("allowWatchBookmarks", options.AllowBookmarks ? "true" : null);
        if (options.SendInitialEvents)
        {
            // the server accepts the two only together (ValidateListOptions in apimachinery)
            query.Add("sendInitialEvents", "true");
            query.Add("resourceVersionMatch", "NotOlderThan");
        }

        if (options.Timeout is { } timeout)
        {
            query.Add("timeoutSeconds", ((long)Math.Ceiling(timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
        }

        return query.ToString();
    }

    private static StringBuilder Append(StringBuilder path, ResourceType resource, string? ns)
    {
        path.Append(resource.Group.Length == 0 ? "api/" : "apis/").Append(resource.ApiVersion).Append('/');
        if (resource.IsNamespaced && !string.IsNullOrEmpty(ns))
        {
            path.Append("namespaces/").Append(Segment(ns)).Append('/');
        }

        return path.Append(resource.Plural);
    }

    // names come from the wire; one with a slash or dots must not reach another path
    private static string Segment(string name) =>
        name is "" or "." or ".." || name.AsSpan().ContainsAny('/', '%')
            ? throw new ArgumentException($"not an object name: '{name}'", nameof(name))
            : Uri.EscapeDataString(name);

    private sealed class Query(string path)
    {
        private readonly StringBuilder _text = new(path);
        private char _separator = '?';

        public void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                _text.Append(_separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
                _separator = '&';
            }
        }

        public override string ToString() => _text.ToString();
    }
}
