using System.Globalization;
using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Constraints;

/// <summary>
/// Reads <see cref="PodConstraints"/> from a pod's annotations: one small reader per annotation. A value that cannot be read is a problem of
/// the pod, never of whoever reads it; a name under our prefix that nobody knows is told with the nearest one that is known.
/// </summary>
public static class ConstraintAnnotations
{
    /// <summary>Least memory of each GPU, a quantity.</summary>
    public const string MinGpuMemory = "gpu-scheduler.io/min-gpu-memory";

    /// <summary>Least CUDA compute capability, <c>MAJOR</c> or <c>MAJOR.MINOR</c>.</summary>
    public const string MinComputeCapability = "gpu-scheduler.io/min-compute-capability";

    /// <summary><c>true</c>: no replicas, no slices.</summary>
    public const string WholeGpuOnly = "gpu-scheduler.io/whole-gpu-only";

    /// <summary><c>true</c>: no other pod that uses GPUs on the node.</summary>
    public const string ExclusiveNode = "gpu-scheduler.io/exclusive-node";

    /// <summary><c>required</c> or <c>preferred</c>: all GPUs in one NVLink island.</summary>
    public const string LinkIsland = "gpu-scheduler.io/link-island";

    /// <summary><c>required</c> or <c>preferred</c>: all GPUs on one NUMA node.</summary>
    public const string NumaNode = "gpu-scheduler.io/numa-node";

    /// <summary><c>pack</c> or <c>spread</c>.</summary>
    public const string Placement = "gpu-scheduler.io/placement";

    /// <summary>UUIDs of GPUs to stay away from, separated by commas.</summary>
    public const string AvoidGpu = "gpu-scheduler.io/avoid-gpu";

    /// <summary><c>true</c>: replicas of shared cards will do, however many GPUs it asks for; <c>false</c>: not even for one.</summary>
    public const string AllowShared = "gpu-scheduler.io/allow-shared";

    private static readonly Dictionary<string, Action<string, Draft>> Readers = new(StringComparer.Ordinal)
    {
        [ModelSelector.Annotation] = (text, draft) => draft.Models = ModelSelector.Parse(text),
        [MinGpuMemory] = (text, draft) => draft.MinGpuMemoryMiB = ReadMemory(text),
        [MinComputeCapability] = (text, draft) => draft.MinComputeCapability = ReadCapability(text),
        [WholeGpuOnly] = (text, draft) => draft.WholeGpuOnly = ReadFlag(text),
        [ExclusiveNode] = (text, draft) => draft.ExclusiveNode = ReadFlag(text),
        [LinkIsland] = (text, draft) => draft.LinkIsland = ReadWish(text),
        [NumaNode] = (text, draft) => draft.NumaNode = ReadWish(text),
        [Placement] = (text, draft) => draft.Placement = ReadPlacement(text),
        [AllowShared] = (text, draft) => draft.Replicas = ReadFlag(text) ? ReplicaUse.Any : ReplicaUse.Never,
        [AvoidGpu] = (text, draft) => draft.AvoidGpus = ReadUuids(text),
    };

    private static readonly PodConstraints Nothing = new();

    private static readonly byte[][] Utf8Names = [.. Readers.Keys.Select(Encoding.UTF8.GetBytes)];

    private static readonly byte[][] OtherUtf8Names = [.. KnownAnnotations.OtherOfPods.Select(Encoding.UTF8.GetBytes)];

    /// <summary>The names of all constraints.</summary>
    public static IReadOnlyCollection<string> Names => Readers.Keys;

    /// <summary>Reads a pod's annotations.</summary>
    /// <param name="annotations">All of them; those of others are passed over.</param>
    /// <param name="models">The GPU models it accepts; null for any.</param>
    /// <returns>Null when there is nothing to say, which is so of nearly all pods.</returns>
    public static PodConstraints? Read(IReadOnlyDictionary<string, string> annotations, out ModelSelector? models)
    {
        models = null;
        Draft? draft = null;
        if (annotations.Count == 0) return null;
        foreach (var (name, value) in annotations)
        {
            if (!name.StartsWith(KnownAnnotations.Prefix, StringComparison.Ordinal)) continue;
            if (Readers.TryGetValue(name, out var read)) Try(name, value, read, draft ??= new Draft());
            else if (KnownAnnotations.Describe(name) is { } unknown) (draft ??= new Draft()).Unknown.Add(unknown);
        }

        models = draft?.Models;
        return draft?.Build();
    }

    /// <summary>What an annotation's name means for a shape that is made from it: what the extender must compare of two pods.</summary>
    public static AnnotationBearing BearingOf(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith("gpu-scheduler.io/"u8)) return AnnotationBearing.None;
        foreach (var known in Utf8Names)
        {
            if (name.SequenceEqual(known)) return AnnotationBearing.Value;
        }

        foreach (var known in OtherUtf8Names)
        {
            if (name.SequenceEqual(known)) return AnnotationBearing.None;
        }

        return AnnotationBearing.Name;
    }

    private static void Try(string name, string value, Action<string, Draft> read, Draft draft)
    {
        try
        {
            read(value.Trim(), draft);
        }
        catch (FormatException problem)
        {
            draft.Problems.Add($"annotation {name}: {problem.Message}");
        }
    }

    private static int ReadMemory(string text)
    {
        var mebibytes = Quantity.Parse(text).MiBCeiling;
        return mebibytes is > 0 and <= int.MaxValue ? (int)mebibytes : throw new FormatException($"'{text}' is no memory size; write a quantity such as 40Gi");
    }

    private static int ReadCapability(string text)
    {
        var parts = text.Split('.');
        return parts.Length is 1 or 2 && TryRead(parts[0], out var major) && TryRead(parts.Length == 2 ? parts[1] : "0", out var minor) && major > 0
            ? (100 * major) + minor
            : throw new FormatException($"'{text}' is no compute capability; write MAJOR or MAJOR.MINOR, e.g. 8.6");

        static bool TryRead(string part, out int number) =>
            int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < 100;
    }

    private static bool ReadFlag(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException($"'{text}' is neither true nor false"),
    };

    private static Wish ReadWish(string text) => text switch
    {
        "required" => Wish.Required,
        "preferred" => Wish.Preferred,
        _ => throw new FormatException($"'{text}' is neither required nor preferred"),
    };

    private static Constraints.Placement ReadPlacement(string text) => text switch
    {
        "pack" => Constraints.Placement.Pack,
        "spread" => Constraints.Placement.Spread,
        _ => throw new FormatException($"'{text}' is neither pack nor spread"),
    };

    private static string[] ReadUuids(string text)
    {
        var uuids = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().Order(StringComparer.Ordinal).ToArray();
        return uuids.Length > 0 ? uuids : throw new FormatException($"'{text}' names no GPU; write UUIDs separated by commas, e.g. GPU-5c1f3b0e-...");
    }

    private sealed class Draft
    {
        public ModelSelector? Models { get; set; }

        public int MinGpuMemoryMiB { get; set; }

        public int MinComputeCapability { get; set; }

        public bool WholeGpuOnly { get; set; }

        public bool ExclusiveNode { get; set; }

        public Wish LinkIsland { get; set; }

        public Wish NumaNode { get; set; }

        public Placement Placement { get; set; }

        public string[] AvoidGpus { get; set; } = [];

        public ReplicaUse Replicas { get; set; }

        public List<string> Problems { get; } = [];

        public List<string> Unknown { get; } = [];

        /// <summary>Null when every annotation only said what holds anyway.</summary>
        public PodConstraints? Build()
        {
            Problems.Sort(StringComparer.Ordinal);
            Unknown.Sort(StringComparer.Ordinal);
            var built = new PodConstraints
            {
                MinGpuMemoryMiB = MinGpuMemoryMiB,
                MinComputeCapability = MinComputeCapability,
                WholeGpuOnly = WholeGpuOnly,
                ExclusiveNode = ExclusiveNode,
                LinkIsland = LinkIsland,
                NumaNode = NumaNode,
                Placement = Placement,
                AvoidGpus = AvoidGpus,
                Replicas = Replicas,
                Problems = Problems,
                Unknown = Unknown,
            };
            return built.Equals(Nothing) ? null : built;
        }
    }
}

/// <summary>What of an annotation a pod's shape depends on.</summary>
public enum AnnotationBearing
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>That it is there: its name is not known, which is told.</summary>
    Name,

    /// <summary>Its value.</summary>
    Value,
}
