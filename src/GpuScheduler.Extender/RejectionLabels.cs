using System.Numerics;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Extender;

/// <summary>
/// Short names of why filter turns a node down, for metrics: one per <see cref="RejectionCauses"/>, and one per kind of resource that does
/// not suffice. There are few, however many nodes and resources there are. A node that several speak against counts for one of them: the
/// first of <see cref="RejectionCauses"/>, else the first request that does not fit.
/// </summary>
public static class RejectionLabels
{
    private const int Flags = 32;
    private const int Cpu = Flags;
    private const int Memory = Flags + 1;
    private const int Gpu = Flags + 2;
    private const int OtherResource = Flags + 3;

    /// <summary>Of a node object in a request that cannot be read.</summary>
    internal const int UnreadableNode = Flags + 4;

    /// <summary>Of every node while a pod's gang has no place as a whole.</summary>
    internal const int Gang = Flags + 5;

    /// <summary>Of a node that is not in the snapshot.</summary>
    internal static readonly int UnknownNode = BitOperations.TrailingZeroCount((int)RejectionCauses.UnknownNode);

    /// <summary>The names by number; empty where a number stands for nothing.</summary>
    public static IReadOnlyList<string> Names { get; } = MakeNames();

    /// <summary>The number of a rejection's name.</summary>
    internal static int Of(Rejection rejection, PodShape shape)
    {
        if (rejection.Causes != RejectionCauses.None) return BitOperations.TrailingZeroCount((int)rejection.Causes);
        var request = BitOperations.TrailingZeroCount(rejection.Insufficient);
        if (request >= shape.Requests.Length) return OtherResource;
        var name = shape.Requests[request].Name;
        return name switch
        {
            ResourceNames.Cpu => Cpu,
            ResourceNames.Memory => Memory,
            _ => shape.UsesGpu && ResourceNames.IsExtended(name) ? Gpu : OtherResource,
        };
    }

    private static string[] MakeNames()
    {
        var names = new string[Gang + 1];
        Array.Fill(names, "");
        foreach (var cause in Enum.GetValues<RejectionCauses>())
        {
            if (BitOperations.IsPow2((int)cause)) names[BitOperations.TrailingZeroCount((int)cause)] = Words(cause.ToString());
        }

        names[Cpu] = "insufficient_cpu";
        names[Memory] = "insufficient_memory";
        names[Gpu] = "insufficient_gpu";
        names[OtherResource] = "insufficient_other";
        names[UnreadableNode] = "unreadable_node";
        names[Gang] = "gang_has_no_place";
        return names;
    }

    private static string Words(string name) =>
        string.Concat(name.Select((letter, i) => char.IsUpper(letter) ? $"{(i > 0 ? "_" : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
