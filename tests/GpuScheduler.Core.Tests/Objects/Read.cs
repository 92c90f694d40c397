using System.Collections;
using System.Reflection;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Tests.Objects;

/// <summary>Reads objects from text, and describes them in full so that two can be compared.</summary>
internal static class Read
{
    private static readonly PodReader Pods = new(GpuResourceCatalog.Default);
    private static readonly NodeReader Nodes = new(GpuResourceCatalog.Default);

    public static Pod Pod(string json) => Pod(Encoding.UTF8.GetBytes(json));

    public static Pod Pod(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return Pod(ref reader);
    }

    public static Pod Pod(ref Utf8JsonReader reader)
    {
        reader.Read();
        var pod = Pods.Read(ref reader);
        Assert.Equal((JsonTokenType.EndObject, 0), (reader.TokenType, reader.CurrentDepth));
        return pod;
    }

    public static Node Node(string json) => Node(Encoding.UTF8.GetBytes(json));

    public static Node Node(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        return Node(ref reader);
    }

    public static Node Node(ref Utf8JsonReader reader)
    {
        reader.Read();
        var node = Nodes.Read(ref reader);
        Assert.Equal((JsonTokenType.EndObject, 0), (reader.TokenType, reader.CurrentDepth));
        return node;
    }

    /// <summary>The effective request of a pod with this spec and status.</summary>
    public static string RequestOf(string spec, string status = "{}") =>
        Pod($$"""{"metadata":{"name":"p"},"spec":{{spec}},"status":{{status}}}""").Shape.ToString();

    /// <summary>Every public property of the object as text, maps sorted.</summary>
    public static string Describe(object @object) => string.Join('\n', @object.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => $"{property.Name}: {TextOf(property.GetValue(@object))}"));

    private static string TextOf(object? value) => value switch
    {
        PodShape shape => $"{shape} tolerating {string.Join(';', shape.Tolerations.ToArray().AsEnumerable())}",
        DateTimeOffset time => time.ToUniversalTime().ToString("O"),
        IReadOnlyDictionary<string, string> map => string.Join(';', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")),
        string text => text,
        IEnumerable items => string.Join(';', items.Cast<object>()),
        _ => $"{value}",
    };
}
