namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// The ordered node labels that place a node in the network, farthest first; a level's index is its position here. Presets are the label
/// keys vendors document: Kubernetes (<c>well_known_labels.go</c>), NVIDIA topograph before and since 1.0, GKE, AWS (its highest number is
/// the closest layer), OCI, CoreWeave; <c>nvidia.com/gpu.clique</c>, the NVLink domain, is always innermost.
/// </summary>
public sealed class TopologyLevels
{
    /// <summary>NVLink domain and partition of a multi-node fabric.</summary>
    public const string Clique = "nvidia.com/gpu.clique";

    private static readonly Dictionary<string, string[]> PresetKeys = new(StringComparer.OrdinalIgnoreCase)
    {
        ["kubernetes"] = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"],
        ["topograph-0"] =
        [
            "network.topology.nvidia.com/core", "network.topology.nvidia.com/spine", "network.topology.nvidia.com/leaf",
            "network.topology.nvidia.com/accelerator",
        ],
        ["topograph-1"] =
        [
            "fabric.topograph.run/tier-2", "fabric.topograph.run/tier-1", "fabric.topograph.run/tier-0",
            "accelerator.topograph.run/domain", "accelerator.topograph.run/sub-domain",
        ],
        ["gke"] =
        [
            "cloud.google.com/gce-topology-block", "cloud.google.com/gce-topology-subblock", "cloud.google.com/gce-topology-host",
        ],
        ["aws"] =
        [
            "topology.k8s.aws/network-node-layer-1", "topology.k8s.aws/network-node-layer-2", "topology.k8s.aws/network-node-layer-3",
            "topology.k8s.aws/network-node-layer-4", "topology.k8s.aws/ultraserver-id",
        ],
        ["oci"] = ["oci.oraclecloud.com/host.network_block_id", "oci.oraclecloud.com/host.rack_id"],
        ["coreweave"] =
        [
            "backend.coreweave.cloud/fabric", "backend.coreweave.cloud/leafgroup", "node.coreweave.cloud/rack",
            "ds.coreweave.com/nvlink.domain",
        ],
    };

    private readonly bool[] _isOfNetwork;

    /// <summary>Builds levels from label keys, farthest first.</summary>
    /// <exception cref="FormatException">A key is empty or appears twice.</exception>
    public TopologyLevels(IEnumerable<string> labelKeys)
    {
        Keys = [.. labelKeys];
        if (Keys.Any(string.IsNullOrWhiteSpace)) throw new FormatException("topology levels: a label key is empty");
        if (Keys.Distinct().Count() != Keys.Count) throw new FormatException("topology levels: a label key appears twice");
        _isOfNetwork = [.. Keys.Select(key => !key.StartsWith("topology.kubernetes.io/", StringComparison.Ordinal))];
    }

    /// <summary>Zone and region of Kubernetes, topograph before 1.0, and the NVLink domain.</summary>
    public static TopologyLevels Default { get; } = FromPresets("kubernetes", "topograph-0");

    /// <summary>The names that <see cref="FromPresets"/> accepts.</summary>
    public static IEnumerable<string> PresetNames => PresetKeys.Keys;

    /// <summary>Label keys, farthest first.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>Whether a level is one of the network. Regions and zones are what fails together; pods that are spread over them must not be drawn into one.</summary>
    public bool IsOfNetwork(int level) => _isOfNetwork[level];

    /// <summary>The levels of the named presets one after the other, with the NVLink domain innermost.</summary>
    /// <exception cref="FormatException">There is no preset of that name.</exception>
    public static TopologyLevels FromPresets(params IEnumerable<string> names) => new(
    [
        .. names.SelectMany(name => PresetKeys.TryGetValue(name, out var keys) ? keys
            : throw new FormatException($"'{name}' is not a topology preset; there are: {string.Join(", ", PresetNames)}")).Distinct(),
        Clique,
    ]);
}
