using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Reads and writes <see cref="Lease"/>s.</summary>
public sealed class LeaseCodec : IObjectCodec<Lease>
{
    private LeaseCodec()
    {
    }

    /// <summary>The one instance; it holds no state.</summary>
    public static LeaseCodec Instance { get; } = new();

    /// <inheritdoc/>
    public ObjectMeta MetaOf(Lease value) => value.Meta;

    /// <inheritdoc/>
    public Lease Read(ref Utf8JsonReader reader)
    {
        var lease = new Lease { Meta = ObjectMeta.Empty };
        while (JsonRead.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                ReadMetadata(ref reader, ref lease);
            }
            else if (reader.ValueTextEquals("spec"u8))
            {
                reader.Read();
                ReadSpec(ref reader, ref lease);
            }
            else
            {
                JsonRead.SkipMember(ref reader);
            }
        }

        return lease;
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter writer, Lease value)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", ResourceType.Leases.ApiVersion);
        writer.WriteString("kind", ResourceType.Leases.Kind);
        writer.WriteStartObject("metadata");
        writer.MetaMembers(value.Meta);
        writer.OptionalStringMap("labels", value.Labels);
        writer.OptionalStringMap("annotations", value.Annotations);
        writer.WriteEndObject();
        writer.WriteStartObject("spec");
        // an empty holder is written: it is how a lease is released
        writer.WriteString("holderIdentity", value.HolderIdentity);
        if (value.LeaseDurationSeconds > 0)
        {
            writer.WriteNumber("leaseDurationSeconds", value.LeaseDurationSeconds);
        }

        writer.OptionalMicroTime("acquireTime", value.AcquireTime);
        writer.OptionalMicroTime("renewTime", value.RenewTime);
        writer.WriteNumber("leaseTransitions", value.LeaseTransitions);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, ref Lease lease)
    {
        if (!JsonRead.EnterObject(ref reader))
        {
            return;
        }

        var meta = lease.Meta;
        while (JsonRead.NextMember(ref reader))
        {
            if (MetaReader.TryReadMember(ref reader, ref meta))
            {
                continue;
            }

            if (reader.ValueTextEquals("labels"u8))
            {
                reader.Read();
                lease = lease with { Labels = JsonRead.StringMap(ref reader) };
            }
            else if (reader.ValueTextEquals("annotations"u8))
            {
                reader.Read();
                lease = lease with { Annotations = JsonRead.StringMap(ref reader) };
            }
            else
            {
                JsonRead.SkipMember(ref reader);
            }
        }

        lease = lease with { Meta = meta };
    }

    private static void ReadSpec(ref Utf8JsonReader reader, ref Lease lease)
    {
        if (!JsonRead.EnterObject(ref reader))
        {
            return;
        }

        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "holderIdentity":
                    lease = lease with { HolderIdentity = JsonRead.String(ref reader) ?? "" };
                    break;
                case "leaseDurationSeconds":
                    lease = lease with { LeaseDurationSeconds = JsonRead.Int32(ref reader) ?? 0 };
                    break;
                case "acquireTime":
                    lease = lease with { AcquireTime = JsonRead.Time(ref reader) };
                    break;
                case "renewTime":
                    lease = lease with { RenewTime = JsonRead.Time(ref reader) };
                    break;
                case "leaseTransitions":
                    lease = lease with { LeaseTransitions = JsonRead.Int32(ref reader) ?? 0 };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
