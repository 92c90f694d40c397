using System.Text.Json;
using GpuScheduler.Core.Gangs;

namespace GpuScheduler.Cluster.Gangs;

/// <summary>Writes PodGroups; <see cref="PodGroupKinds.Read"/> reads equal ones back.</summary>
public static class PodGroupWriter
{
    /// <summary>
    /// The object behind a gang, as its API has it; null for gangs of a kind without one, and for one that does not say how many pods start
    /// together. A gang read back with it starts with as many and as close, whether the object or its pods said so.
    /// </summary>
    public static PodGroup? Of(Gang gang) => gang.MinSize > 0 && Array.Exists(PodGroupKinds.All, known => known.Kind == gang.Key.Kind)
        ? new PodGroup(gang.Key.Kind, gang.Key.Namespace, gang.Key.Name, gang.MinSize, CanBeWritten(gang.Topology) ? gang.Topology : TopologyWish.None)
        : null;

    /// <summary>Writes one.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="group">With a size, of a kind that <see cref="PodGroup"/> has a constant for.</param>
    public static void Write(Utf8JsonWriter writer, PodGroup group)
    {
        var resource = Array.Find(PodGroupKinds.All, known => known.Kind == group.Kind).Resource;
        writer.WriteStartObject();
        writer.WriteString("apiVersion"u8, $"{resource.Group}/{resource.Version}");
        writer.WriteString("kind"u8, resource.Kind);
        writer.WriteStartObject("metadata"u8);
        writer.WriteString("namespace"u8, group.Namespace);
        writer.WriteString("name"u8, group.Name);
        writer.WriteEndObject();
        writer.WriteStartObject("spec"u8);
        if (group.Kind == PodGroup.Native) WriteNative(writer, group);
        else writer.WriteNumber("minMember"u8, group.MinMember);
        WriteTopology(writer, group.Topology);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>A level that the pods' own annotations name is written with them.</summary>
    private static bool CanBeWritten(TopologyWish wish) => wish.RequiredTier + wish.PreferredTier > 0 || wish is { Required: not null, Preferred: null };

    private static void WriteNative(Utf8JsonWriter writer, PodGroup group)
    {
        writer.WriteStartObject("schedulingPolicy"u8);
        writer.WriteStartObject("gang"u8);
        writer.WriteNumber("minCount"u8, group.MinMember);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteTopology(Utf8JsonWriter writer, TopologyWish wish)
    {
        if (wish.RequiredTier + wish.PreferredTier > 0)
        {
            writer.WriteStartObject("networkTopology"u8);
            writer.WriteString("mode"u8, wish.RequiredTier > 0 ? "hard"u8 : "soft"u8);
            writer.WriteNumber("highestTierAllowed"u8, Math.Max(wish.RequiredTier, wish.PreferredTier));
            writer.WriteEndObject();
        }
        else if (wish.Required is { } level)
        {
            writer.WriteStartObject("schedulingConstraints"u8);
            writer.WriteStartArray("topology"u8);
            writer.WriteStartObject();
            writer.WriteString("key"u8, level);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
    }
}
