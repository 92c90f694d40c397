using System.Text;
using System.Text.Json;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// The arguments of filter, prioritize and preempt (<c>ExtenderArgs</c>, <c>ExtenderPreemptionArgs</c> in Kubernetes'
/// <c>k8s.io/kube-scheduler/extender/v1/types.go</c>), as ranges of the body: they may come in any order, so all are found before one is read.
/// </summary>
internal struct RequestFields
{
    public JsonRange Pod;
    public JsonRange Nodes;
    public JsonRange NodeNames;
    public JsonRange NodeNameToVictims;
    public JsonRange NodeNameToMetaVictims;

    /// <summary>
    /// Finds the arguments. Like Go's decoder it takes keys in any case, lets the last of two equal keys win, skips unknown ones, and stops
    /// at the end of the first value.
    /// </summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    /// <exception cref="MalformedRequestException">It is JSON of another kind.</exception>
    public static RequestFields Find(ReadOnlySpan<byte> body)
    {
        var fields = default(RequestFields);
        var reader = new Utf8JsonReader(body);
        EnterObject(ref reader, body);
        while (NextField(ref reader))
        {
            if (NameIs(ref reader, "Pod"u8)) fields.Pod = Value(ref reader, body, JsonTokenType.StartObject);
            else if (NameIs(ref reader, "NodeNames"u8)) fields.NodeNames = Value(ref reader, body, JsonTokenType.StartArray);
            else if (NameIs(ref reader, "Nodes"u8)) fields.Nodes = Value(ref reader, body, JsonTokenType.StartObject);
            else if (NameIs(ref reader, "NodeNameToVictims"u8)) fields.NodeNameToVictims = Value(ref reader, body, JsonTokenType.StartObject);
            else if (NameIs(ref reader, "NodeNameToMetaVictims"u8)) fields.NodeNameToMetaVictims = Value(ref reader, body, JsonTokenType.StartObject);
            else Skip(ref reader);
        }

        return fields;
    }

    /// <summary>Steps into the object that the body is.</summary>
    public static void EnterObject(ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        if (!reader.Read()) throw new JsonException("the body is empty");
        if (reader.TokenType != JsonTokenType.StartObject) throw MalformedRequestException.At(body, (int)reader.TokenStartIndex, "expected an object");
    }

    /// <summary>Steps to the next property of an object; false at its end.</summary>
    public static bool NextField(ref Utf8JsonReader reader)
    {
        Advance(ref reader);
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Whether the property the reader is on has this name, in any case.</summary>
    public static bool NameIs(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? reader.ValueTextEquals(name) : Ascii.EqualsIgnoreCase(reader.ValueSpan, name);

    /// <summary>Reads the next token.</summary>
    public static void Advance(ref Utf8JsonReader reader)
    {
        if (!reader.Read()) throw new JsonException("the body ends too early");
    }

    /// <summary>Skips the value of a property, or the one the reader is on.</summary>
    public static void Skip(ref Utf8JsonReader reader)
    {
        if (!reader.TrySkip()) throw new JsonException("the body ends too early");
    }

    /// <summary>The range of the value of the property the reader is on, which must begin with <paramref name="expected"/> or be null.</summary>
    public static JsonRange Value(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, JsonTokenType expected)
    {
        Advance(ref reader);
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.Null) return default;
        if (reader.TokenType != expected)
        {
            var wanted = expected switch
            {
                JsonTokenType.StartObject => "an object",
                JsonTokenType.StartArray => "an array",
                _ => "a string",
            };
            throw MalformedRequestException.At(body, start, $"expected {wanted} or null");
        }

        Skip(ref reader);
        return new JsonRange(start, (int)reader.BytesConsumed - start);
    }
}
