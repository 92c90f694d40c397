using System.Collections.ObjectModel;
using System.Text.Json;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>What we read of an object's <c>metadata</c>; the same for pods and nodes.</summary>
/// <param name="labelKeys">The labels to keep.</param>
/// <param name="annotationKeys">The annotations to keep.</param>
internal sealed class ObjectMetadata(KeptKeys labelKeys, KeptKeys annotationKeys)
{
    private static readonly KnownTexts CommonTexts = new("default", "kube-system", "ReplicaSet", "Job", "StatefulSet", "DaemonSet", "PodCliqueSet");

    public string Name { get; private set; } = "";

    public string Namespace { get; private set; } = "";

    public string Uid { get; private set; } = "";

    public string ResourceVersion { get; private set; } = "";

    public DateTimeOffset CreatedAt { get; private set; }

    public bool IsTerminating { get; private set; }

    public string ControllerKind { get; private set; } = "";

    public string ControllerName { get; private set; } = "";

    public IReadOnlyDictionary<string, string> Labels { get; private set; } = ReadOnlyDictionary<string, string>.Empty;

    public IReadOnlyDictionary<string, string> Annotations { get; private set; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Reads the property the reader is on.</summary>
    public void Read(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("metadata");
        if (EnterObject(ref reader, path))
        {
            while (NextProperty(ref reader)) ReadField(ref reader, path);
        }

        path.Pop();
    }

    /// <exception cref="FormatException">The object has no name.</exception>
    public void RequireName()
    {
        if (Name.Length == 0) throw new FormatException("metadata.name: missing; every object needs a name");
    }

    private void ReadField(ref Utf8JsonReader reader, JsonPath path)
    {
        if (NameIs(ref reader, "name"u8)) Name = ReadString(ref reader, path, "name");
        else if (NameIs(ref reader, "namespace"u8)) Namespace = ReadString(ref reader, path, "namespace", CommonTexts);
        else if (NameIs(ref reader, "uid"u8)) Uid = ReadString(ref reader, path, "uid");
        else if (NameIs(ref reader, "resourceVersion"u8)) ResourceVersion = ReadString(ref reader, path, "resourceVersion");
        else if (NameIs(ref reader, "creationTimestamp"u8)) CreatedAt = ReadTime(ref reader, path, "creationTimestamp") ?? default;
        else if (NameIs(ref reader, "deletionTimestamp"u8)) IsTerminating = ReadTime(ref reader, path, "deletionTimestamp") is not null;
        else if (NameIs(ref reader, "labels"u8)) Labels = ReadMap(ref reader, path, "labels", labelKeys);
        else if (NameIs(ref reader, "annotations"u8)) Annotations = ReadMap(ref reader, path, "annotations", annotationKeys);
        else if (NameIs(ref reader, "ownerReferences"u8)) ReadOwners(ref reader, path);
        else Skip(ref reader);
    }

    private static IReadOnlyDictionary<string, string> ReadMap(ref Utf8JsonReader reader, JsonPath path, string field, KeptKeys keys)
    {
        Dictionary<string, string>? map = null;
        path.Push(field);
        if (EnterObject(ref reader, path))
        {
            while (NextProperty(ref reader))
            {
                if (!keys.Keeps(ref reader))
                {
                    Skip(ref reader);
                    continue;
                }

                var key = reader.GetString()!;
                Advance(ref reader);
                (map ??= [])[key] = reader.TokenType switch
                {
                    JsonTokenType.String => reader.GetString()!,
                    JsonTokenType.Null => "",
                    _ => throw new FormatException($"{path.TextOfKey(key)}: expected a string, found {Describe(reader.TokenType)}"),
                };
            }
        }

        path.Pop();
        return map ?? (IReadOnlyDictionary<string, string>)ReadOnlyDictionary<string, string>.Empty;
    }

    private void ReadOwners(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("ownerReferences");
        if (EnterArray(ref reader, path))
        {
            for (var index = 0; NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (IsObject(ref reader, path)) ReadOwner(ref reader, path);
                path.Pop();
            }
        }

        path.Pop();
    }

    private void ReadOwner(ref Utf8JsonReader reader, JsonPath path)
    {
        string kind = "", name = "";
        var controls = false;
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "kind"u8)) kind = ReadString(ref reader, path, "kind", CommonTexts);
            else if (NameIs(ref reader, "name"u8)) name = ReadString(ref reader, path, "name");
            else if (NameIs(ref reader, "controller"u8)) controls = ReadBoolean(ref reader, path, "controller");
            else Skip(ref reader);
        }

        if (controls) (ControllerKind, ControllerName) = (kind, name);
    }
}
