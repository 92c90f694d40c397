using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Simulation.Replays;

/// <summary>A named list of pods to replay.</summary>
/// <param name="Name">Its name in reports.</param>
/// <param name="Pods">The pods.</param>
public sealed record ReplayWorkload(string Name, IReadOnlyList<TracePod> Pods)
{
    /// <summary>The frequencies of the shapes in it.</summary>
    public WorkloadMix Mix { get; } = WorkloadMix.Count(Pods.Select(pod => pod.Shape));

    /// <summary>The nodes it is replayed on; null for those of the plan.</summary>
    public IReadOnlyList<Node>? Nodes { get; init; }

    private const string OpenbPrefix = "openb_pod_list_";

    /// <summary>Reads an openb pod list; its name is the file's, without the prefix of the trace.</summary>
    /// <exception cref="TraceFormatException">Something in the file is not as it should be.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ReplayWorkload ReadOpenb(string file)
    {
        using var reader = new StreamReader(file);
        var name = Path.GetFileNameWithoutExtension(file);
        return new ReplayWorkload(
            name.StartsWith(OpenbPrefix, StringComparison.Ordinal) ? name[OpenbPrefix.Length..] : name, OpenbTrace.ReadPods(file, reader));
    }
}
