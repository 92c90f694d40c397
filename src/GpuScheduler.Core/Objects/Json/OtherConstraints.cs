using System.Text.Json;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>
/// Sees whether a pod's spec constrains its placement by anything that we leave to kube-scheduler's own plugins. It looks only for whether
/// something is said, not what; what it cannot make sense of counts as said.
/// </summary>
internal static class OtherConstraints
{
    /// <summary>Whether the property the reader is on constrains placement as soon as it holds anything.</summary>
    public static bool IsField(ref Utf8JsonReader reader) =>
        NameIs(ref reader, "topologySpreadConstraints"u8)
        || NameIs(ref reader, "schedulingGates"u8) || NameIs(ref reader, "resourceClaims"u8);

    /// <summary>Whether there is any string, number or flag in the value of the property the reader is on; leaves it on the value's end.</summary>
    public static bool HasContent(ref Utf8JsonReader reader)
    {
        Advance(ref reader);
        var depth = reader.CurrentDepth;
        var found = IsContent(reader.TokenType);
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return found;
        do
        {
            Advance(ref reader);
            found |= IsContent(reader.TokenType);
        }
        while (reader.CurrentDepth > depth);

        return found;
    }

    /// <summary>Whether one of the pod's volumes may be tied to nodes, or limited by them: any kind but those that every node can make.</summary>
    public static bool InVolumes(ref Utf8JsonReader reader) => AnyElement(ref reader, static (ref Utf8JsonReader volume) =>
    {
        if (NameIs(ref volume, "name"u8) || IsMadeAnywhere(ref volume))
        {
            Skip(ref volume);
            return false;
        }

        Advance(ref volume);
        var isNull = volume.TokenType == JsonTokenType.Null;
        Skip(ref volume);
        return !isNull;
    });

    /// <summary>Whether one of a container's ports is a port of the host.</summary>
    public static bool InPorts(ref Utf8JsonReader reader) => AnyElement(ref reader, static (ref Utf8JsonReader port) =>
    {
        var isHostPort = NameIs(ref port, "hostPort"u8);
        Advance(ref port);
        var isGiven = port.TokenType != JsonTokenType.Null && !(port.TokenType == JsonTokenType.Number && port.TryGetInt32(out var number) && number == 0);
        Skip(ref port);
        return isHostPort && isGiven;
    });

    private delegate bool PropertyTest(ref Utf8JsonReader reader);

    /// <summary>Whether the test is true of a property of an object in the array behind the property the reader is on. The test steps over the value.</summary>
    private static bool AnyElement(ref Utf8JsonReader reader, PropertyTest test)
    {
        Advance(ref reader);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            var isNull = reader.TokenType == JsonTokenType.Null;
            Skip(ref reader);
            return !isNull;
        }

        var found = false;
        while (NextElement(ref reader))
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                Skip(ref reader);
                continue;
            }

            while (NextProperty(ref reader)) found |= test(ref reader);
        }

        return found;
    }

    private static bool IsMadeAnywhere(ref Utf8JsonReader reader) =>
        NameIs(ref reader, "projected"u8) || NameIs(ref reader, "emptyDir"u8) || NameIs(ref reader, "configMap"u8) || NameIs(ref reader, "secret"u8)
        || NameIs(ref reader, "downwardAPI"u8) || NameIs(ref reader, "hostPath"u8) || NameIs(ref reader, "image"u8) || NameIs(ref reader, "nfs"u8);

    private static bool IsContent(JsonTokenType token) =>
        token is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False;
}
