using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Benchmarks;

/// <summary>Objects as JSON text.</summary>
internal static class ObjectJson
{
    public static string Of(Pod pod)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) PodWriter.Write(writer, pod);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
