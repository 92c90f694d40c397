using System.Text;
using System.Text.Json;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>
/// Which labels and annotations an object keeps: those under the prefixes of our own API, the sharing dialects and the gang APIs.
/// Everything else would only be memory.
/// </summary>
internal sealed class KeptKeys
{
    private static readonly string[] PodPrefixes =
    [
        "gpu-scheduler.io/", "aliyun.com/", "ALIYUN_COM_", "volcano.sh/", "scheduling.k8s.io/", "scheduling.x-k8s.io/",
        "scheduling.volcano.sh/", "kueue.x-k8s.io/", "kai.scheduler/", "pod-group.scheduling", "leaderworkerset.sigs.k8s.io/",
        "jobset.sigs.k8s.io/", "gang.scheduling.koordinator.sh/", "batch.kubernetes.io/", "training.kubeflow.org/", "gpu-fraction", "gpu-memory",
    ];

    private readonly byte[][]? _prefixes;

    private KeptKeys(IEnumerable<string>? prefixes) => _prefixes = prefixes?.Select(Encoding.UTF8.GetBytes).ToArray();

    /// <summary>Every key: the labels of nodes.</summary>
    public static KeptKeys All { get; } = new(null);

    /// <summary>The labels and annotations of pods.</summary>
    public static KeptKeys OfPods { get; } = new(PodPrefixes);

    /// <summary>The annotations of nodes.</summary>
    public static KeptKeys OfNodes { get; } = new([.. PodPrefixes, "nvidia.com/", "hami.io/"]);

    /// <summary>Whether to keep the property the reader is on.</summary>
    public bool Keeps(ref Utf8JsonReader reader)
    {
        if (_prefixes is null) return true;
        var key = reader.HasValueSequence || reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
        foreach (var prefix in _prefixes)
        {
            if (key.StartsWith(prefix)) return true;
        }

        return false;
    }
}
