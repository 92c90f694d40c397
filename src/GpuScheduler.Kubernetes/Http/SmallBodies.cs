using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Request bodies of kinds that are only ever written.</summary>
internal static class SmallBodies
{
    public static void WriteBinding(Utf8JsonWriter writer, PodBinding binding)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", "v1");
        writer.WriteString("kind", "Binding");
        writer.WriteStartObject("metadata");
        writer.WriteString("name", binding.PodName);
        writer.WriteString("namespace", binding.Namespace);
        writer.OptionalString("uid", binding.PodUid);
        writer.OptionalStringMap("annotations", binding.Annotations);
        writer.WriteEndObject();
        writer.WriteStartObject("target");
        writer.WriteString("apiVersion", "v1");
        writer.WriteString("kind", "Node");
        writer.WriteString("name", binding.NodeName);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    public static void WriteDeleteOptions(Utf8JsonWriter writer, string uid)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", "v1");
        writer.WriteString("kind", "DeleteOptions");
        writer.WriteStartObject("preconditions");
        writer.WriteString("uid", uid);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
