using System.Collections.ObjectModel;
using System.Text.Json;

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
        if (JsonFields.EnterObject(ref reader, path))
        {
            while (JsonFields.NextProperty(ref reader)) ReadField(ref reader, path);
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
        if (JsonFields.NameIs(ref reader, "name"u8)) Name = JsonFields.ReadString(ref reader, path, "name");
        else if (JsonFields.NameIs(ref reader, "namespace"u8)) Namespace = JsonFields.ReadString(ref reader, path, "namespace", CommonTexts);
        else if (JsonFields.NameIs(ref reader, "uid"u8)) Uid = JsonFields.ReadString(ref reader, path, "uid");
        else if (JsonFields.NameIs(ref reader, "resourceVersion"u8)) ResourceVersion = JsonFields.ReadString(ref reader, path, "resourceVersion");
        else if (JsonFields.NameIs(ref reader, "creationTimestamp"u8)) CreatedAt = JsonFields.ReadTime(ref reader, path, "creationTimestamp") ?? default;
        else if (JsonFields.NameIs(ref reader, "deletionTimestamp"u8)) IsTerminating = JsonFields.ReadTime(ref reader, path, "deletionTimestamp") is not null;
        else if (JsonFields.NameIs(ref reader, "labels"u8)) Labels = ReadMap(ref reader, path, "labels", labelKeys);
        else if (JsonFields.NameIs(ref reader, "annotations"u8)) Annotations = ReadMap(ref reader, path, "annotations", annotationKeys);
        else if (JsonFields.NameIs(ref reader, "ownerReferences"u8)) ReadOwners(ref reader, path);
        else JsonFields.Skip(ref reader);
    }

    private static IReadOnlyDictionary<string, string> ReadMap(ref Utf8JsonReader reader, JsonPath path, string field, KeptKeys keys)
    {
        Dictionary<string, string>? map = null;
        path.Push(field);
        if (JsonFields.EnterObject(ref reader, path))
        {
            while (JsonFields.NextProperty(ref reader))
            {
                if (!keys.Keeps(ref reader))
                {
                    JsonFields.Skip(ref reader);
                    continue;
                }

                var key = reader.GetString()!;
                JsonFields.Advance(ref reader);
                (map ??= [])[key] = reader.TokenType switch
                {
                    JsonTokenType.String => reader.GetString()!,
                    JsonTokenType.Null => "",
                    _ => throw new FormatException($"{path.TextOfKey(key)}: expected a string, found {JsonFields.Describe(reader.TokenType)}"),
                };
            }
        }

        path.Pop();
        return map ?? (IReadOnlyDictionary<string, string>)ReadOnlyDictionary<string, string>.Empty;
    }

    private void ReadOwners(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("ownerReferences");
        if (JsonFields.EnterArray(ref reader, path))
        {
            for (var index = 0; JsonFields.NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (JsonFields.IsObject(ref reader, path)) ReadOwner(ref reader, path);
                path.Pop();
            }
        }

        path.Pop();
    }

    private void ReadOwner(ref Utf8JsonReader reader, JsonPath path)
    {
        string kind = "", name = "";
        var controls = false;
        while (JsonFields.NextProperty(ref reader))
        {
            if (JsonFields.NameIs(ref reader, "kind"u8)) kind = JsonFields.ReadString(ref reader, path, "kind", CommonTexts);
            else if (JsonFields.NameIs(ref reader, "name"u8)) name = JsonFields.ReadString(ref reader, path, "name");
            else if (JsonFields.NameIs(ref reader, "controller"u8)) controls = JsonFields.ReadBoolean(ref reader, path, "controller");
            else JsonFields.Skip(ref reader);
        }

        if (controls) (ControllerKind, ControllerName) = (kind, name);
    }
}
