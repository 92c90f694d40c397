using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Walks over a pod's JSON once and copies out what its <see cref="PodShape"/> is made of, as it stands there: two pods with equal keys have
/// equal shapes, and reading a key makes no objects. It must copy every field that <see cref="PodReader"/> makes the shape from; a test
/// changes each field of a pod in turn and compares.
/// </summary>
internal static class PodKeyReader
{
    /// <summary>Reads the pod at the start of <paramref name="json"/>.</summary>
    /// <param name="json">Begins with the pod's brace; what follows the pod is not looked at.</param>
    /// <param name="key">Receives the key.</param>
    /// <param name="uid">Where in <paramref name="json"/> the UID stands, without its quotes; null when there is none to be had.</param>
    /// <param name="length">How long the pod is.</param>
    /// <returns>Whether the key tells the whole shape; if not, the pod must be read.</returns>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static bool TryRead(ReadOnlySpan<byte> json, PooledBuffer key, out JsonRange uid, out int length)
    {
        key.Clear();
        uid = default;
        var isWhole = true;
        var reader = new Utf8JsonReader(json);
        RequestFields.Advance(ref reader);
        while (RequestFields.NextField(ref reader))
        {
            if (IsPlain(ref reader, "metadata"u8, ref isWhole)) ReadMetadata(ref reader, json, key, ref uid, ref isWhole);
            else if (IsPlain(ref reader, "spec"u8, ref isWhole)) ReadSpec(ref reader, json, key, ref isWhole);
            else if (IsPlain(ref reader, "status"u8, ref isWhole)) ReadStatus(ref reader, ref isWhole);
            else RequestFields.Skip(ref reader);
        }

        length = (int)reader.BytesConsumed;
        return isWhole;
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, PooledBuffer key, ref JsonRange uid, ref bool isWhole)
    {
        if (!Enter(ref reader, ref isWhole)) return;
        while (RequestFields.NextField(ref reader))
        {
            if (IsPlain(ref reader, "uid"u8, ref isWhole))
            {
                RequestFields.Advance(ref reader);
                if (reader.TokenType != JsonTokenType.String || reader.ValueIsEscaped) isWhole = false;
                else uid = new JsonRange((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
                RequestFields.Skip(ref reader);
            }
            else if (IsPlain(ref reader, "annotations"u8, ref isWhole))
            {
                ReadAnnotations(ref reader, json, key, ref isWhole);
            }
            else
            {
                RequestFields.Skip(ref reader);
            }
        }
    }

    private static void ReadAnnotations(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, PooledBuffer key, ref bool isWhole)
    {
        // The last map counts: tell where one begins.
        key.Append((byte)'A');
        if (!Enter(ref reader, ref isWhole)) return;
        while (RequestFields.NextField(ref reader))
        {
            isWhole &= !reader.ValueIsEscaped;
            var bearing = ConstraintAnnotations.BearingOf(reader.ValueSpan);
            if (bearing != AnnotationBearing.None)
            {
                key.Append((byte)'N');
                key.Append(reader.ValueSpan);
                key.Append((byte)':');
            }

            if (bearing == AnnotationBearing.Value) AppendValue(ref reader, json, key, (byte)'M');
            else RequestFields.Skip(ref reader);
        }
    }

    private static void ReadSpec(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, PooledBuffer key, ref bool isWhole)
    {
        if (!Enter(ref reader, ref isWhole)) return;
        while (RequestFields.NextField(ref reader))
        {
            if (IsPlain(ref reader, "containers"u8, ref isWhole)) ReadContainers(ref reader, json, key, (byte)'C', ref isWhole);
            else if (IsPlain(ref reader, "initContainers"u8, ref isWhole)) ReadContainers(ref reader, json, key, (byte)'I', ref isWhole);
            else if (IsPlain(ref reader, "tolerations"u8, ref isWhole)) AppendValue(ref reader, json, key, (byte)'T');
            else if (IsPlain(ref reader, "overhead"u8, ref isWhole)) AppendValue(ref reader, json, key, (byte)'O');
            else if (IsPlain(ref reader, "resources"u8, ref isWhole)) AppendValue(ref reader, json, key, (byte)'R');
            else RequestFields.Skip(ref reader);
        }
    }

    private static void ReadContainers(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, PooledBuffer key, byte tag, ref bool isWhole)
    {
        key.Append(tag);
        RequestFields.Advance(ref reader);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            isWhole &= reader.TokenType == JsonTokenType.Null;
            RequestFields.Skip(ref reader);
            return;
        }

        while (true)
        {
            RequestFields.Advance(ref reader);
            if (reader.TokenType == JsonTokenType.EndArray) break;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                isWhole = false;
                RequestFields.Skip(ref reader);
                continue;
            }

            key.Append((byte)'{');
            while (RequestFields.NextField(ref reader))
            {
                if (IsPlain(ref reader, "resources"u8, ref isWhole)) AppendValue(ref reader, json, key, (byte)'r');
                else if (IsPlain(ref reader, "name"u8, ref isWhole)) AppendValue(ref reader, json, key, (byte)'n');
                else if (IsPlain(ref reader, "restartPolicy"u8, ref isWhole)) AppendValue(ref reader, json, key, (byte)'p');
                else RequestFields.Skip(ref reader);
            }

            key.Append((byte)'}');
        }

        key.Append((byte)']');
    }

    /// <summary>The status bears on the shape of a pod whose resources are changed in place; such a pod is not waiting for a node.</summary>
    private static void ReadStatus(ref Utf8JsonReader reader, ref bool isWhole)
    {
        if (!Enter(ref reader, ref isWhole)) return;
        while (RequestFields.NextField(ref reader))
        {
            if (IsPlain(ref reader, "containerStatuses"u8, ref isWhole) || IsPlain(ref reader, "initContainerStatuses"u8, ref isWhole)
                || IsPlain(ref reader, "resources"u8, ref isWhole) || IsPlain(ref reader, "allocatedResources"u8, ref isWhole))
            {
                isWhole = false;
            }

            RequestFields.Skip(ref reader);
        }
    }

    private static bool IsPlain(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ref bool isWhole)
    {
        isWhole &= !reader.ValueIsEscaped;
        return reader.ValueSpan.Length == name.Length && Ascii.EqualsIgnoreCase(reader.ValueSpan, name);
    }

    /// <summary>Steps from a property into its object; skips anything else, which only null may be.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ref bool isWhole)
    {
        RequestFields.Advance(ref reader);
        if (reader.TokenType == JsonTokenType.StartObject) return true;
        isWhole &= reader.TokenType == JsonTokenType.Null;
        RequestFields.Skip(ref reader);
        return false;
    }

    private static void AppendValue(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, PooledBuffer key, byte tag)
    {
        RequestFields.Advance(ref reader);
        var start = (int)reader.TokenStartIndex;
        RequestFields.Skip(ref reader);
        key.Append(tag);
        key.Append(json[start..(int)reader.BytesConsumed]);
    }
}
