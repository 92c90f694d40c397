using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Reads and writes <see cref="KubernetesEvent"/>s.</summary>
public sealed class KubernetesEventCodec : IObjectCodec<KubernetesEvent>
{
    private static readonly ObjectReference Nothing = new("", "", ObjectMeta.Empty);

    private KubernetesEventCodec()
    {
    }

    /// <summary>The one instance; it holds no state.</summary>
    public static KubernetesEventCodec Instance { get; } = new();

    /// <inheritdoc/>
    public ObjectMeta MetaOf(KubernetesEvent value) => value.Meta;

    /// <inheritdoc/>
    public KubernetesEvent Read(ref Utf8JsonReader reader)
    {
        var result = new KubernetesEvent
        {
            Meta = ObjectMeta.Empty,
            EventTime = default,
            ReportingController = "",
            ReportingInstance = "",
            Action = "",
            Reason = "",
            Regarding = Nothing,
        };
        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "metadata":
                    result = result with { Meta = MetaReader.Read(ref reader) };
                    break;
                case "eventTime":
                    result = result with { EventTime = JsonRead.Time(ref reader) ?? default };
                    break;
                case "reportingController":
                    result = result with { ReportingController = JsonRead.String(ref reader) ?? "" };
                    break;
                case "reportingInstance":
                    result = result with { ReportingInstance = JsonRead.String(ref reader) ?? "" };
                    break;
                case "action":
                    result = result with { Action = JsonRead.String(ref reader) ?? "" };
                    break;
                case "reason":
                    result = result with { Reason = JsonRead.String(ref reader) ?? "" };
                    break;
                case "note":
                    result = result with { Note = JsonRead.String(ref reader) ?? "" };
                    break;
                case "type":
                    result = result with { IsWarning = JsonRead.String(ref reader) == "Warning" };
                    break;
                case "regarding":
                    result = result with { Regarding = ReadReference(ref reader) ?? Nothing };
                    break;
                case "related":
                    result = result with { Related = ReadReference(ref reader) };
                    break;
                case "series":
                    result = result with { Series = ReadSeries(ref reader) };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter writer, KubernetesEvent value)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", ResourceType.Events.ApiVersion);
        writer.WriteString("kind", ResourceType.Events.Kind);
        writer.WriteStartObject("metadata");
        writer.MetaMembers(value.Meta);
        writer.WriteEndObject();
        writer.WriteString("eventTime", JsonWrite.MicroTime(value.EventTime));
        writer.WriteString("reportingController", value.ReportingController);
        writer.WriteString("reportingInstance", value.ReportingInstance);
        writer.WriteString("action", value.Action);
        writer.WriteString("reason", value.Reason);
        writer.WriteString("type", value.IsWarning ? "Warning" : "Normal");
        writer.OptionalString("note", value.Note);
        WriteReference(writer, "regarding", value.Regarding);
        if (value.Related is { } related)
        {
            WriteReference(writer, "related", related);
        }

        if (value.Series is { } series)
        {
            WriteSeries(writer, series);
        }

        writer.WriteEndObject();
    }

    internal static void WriteSeries(Utf8JsonWriter writer, EventSeries series)
    {
        writer.WriteStartObject("series");
        writer.WriteNumber("count", series.Count);
        writer.WriteString("lastObservedTime", JsonWrite.MicroTime(series.LastObservedTime));
        writer.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter writer, string name, ObjectReference reference)
    {
        writer.WriteStartObject(name);
        writer.OptionalString("apiVersion", reference.ApiVersion);
        writer.OptionalString("kind", reference.Kind);
        writer.MetaMembers(reference.Meta);
        writer.WriteEndObject();
    }

    private static ObjectReference? ReadReference(ref Utf8JsonReader reader)
    {
        if (!JsonRead.EnterObject(ref reader))
        {
            return null;
        }

        var (apiVersion, kind, meta) = ("", "", ObjectMeta.Empty);
        while (JsonRead.NextMember(ref reader))
        {
            if (MetaReader.TryReadMember(ref reader, ref meta))
            {
                continue;
            }

            if (reader.ValueTextEquals("apiVersion"u8))
            {
                reader.Read();
                apiVersion = JsonRead.String(ref reader) ?? "";
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                reader.Read();
                kind = JsonRead.String(ref reader) ?? "";
            }
            else
            {
                JsonRead.SkipMember(ref reader);
            }
        }

        return new(apiVersion, kind, meta);
    }

    private static EventSeries? ReadSeries(ref Utf8JsonReader reader)
    {
        if (!JsonRead.EnterObject(ref reader))
        {
            return null;
        }

        var (count, last) = (0, default(DateTimeOffset));
        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "count":
                    count = JsonRead.Int32(ref reader) ?? 0;
                    break;
                case "lastObservedTime":
                    last = JsonRead.Time(ref reader) ?? default;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new(count, last);
    }
}
