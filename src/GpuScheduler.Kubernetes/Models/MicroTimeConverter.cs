using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// Times as apimachinery's MicroTime has them (<c>pkg/apis/meta/v1/micro_time.go</c>): UTC, always six digits. The package's converter
/// leaves the fraction of a whole second out, and the API server refuses that.
/// </summary>
internal sealed class MicroTimeConverter : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = JsonRead.String(ref reader);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value)
            ? value.UtcDateTime
            : throw new FormatException($"not a time: '{text}'");
    }

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
}
