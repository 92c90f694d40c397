using System.Globalization;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// What the labels of NVIDIA's GPU Feature Discovery (and, for the model, of AMD's and Intel's labellers) say of a node's GPUs.
/// Suffixes that describe sharing are taken off the product: <c>-SHARED</c>, <c>-MIG-1g.10gb</c>, <c>-MIG-INVALID</c>
/// (k8s-device-plugin <c>internal/lm/resource.go</c>).
/// </summary>
/// <param name="Model">The bare product, e.g. <c>NVIDIA-A100-SXM4-40GB</c>; empty when no label names it.</param>
/// <param name="Family"><c>ampere</c>, <c>hopper</c>, ...; empty when unknown.</param>
/// <param name="MemoryMiB">Memory of one GPU (of one MIG device under the single strategy); 0 when unknown.</param>
/// <param name="IsShared">The product or the replica labels say that one card is offered several times.</param>
/// <param name="MigProfile">The one profile of the single MIG strategy, <c>INVALID</c> included; empty otherwise.</param>
/// <param name="Clique">The NVLink domain and partition, <c>ClusterUUID.CliqueID</c>; empty outside a multi-node fabric.</param>
public sealed record GpuLabels(string Model, string Family, int MemoryMiB, bool IsShared, string MigProfile, string Clique)
{
    private const string SharedSuffix = "-SHARED";
    private const string MigInfix = "-MIG-";

    /// <summary>CUDA compute capability as 100 × major + minor (8.6 is 806); 0 when unknown.</summary>
    public int ComputeCapability { get; init; }

    /// <summary>Labels of a node without GPUs.</summary>
    public static GpuLabels None { get; } = new("", "", 0, false, "", "");

    /// <summary>Reads the labels of a node; values that are not what they should be count as absent.</summary>
    public static GpuLabels Read(IReadOnlyDictionary<string, string> labels)
    {
        var product = First(labels, "nvidia.com/gpu.product", "amd.com/gpu.product-name", "gpu.intel.com/product");
        var model = product;
        var shared = model.EndsWith(SharedSuffix, StringComparison.Ordinal);
        if (shared) model = model[..^SharedSuffix.Length];
        var mig = model.IndexOf(MigInfix, StringComparison.Ordinal);
        var profile = mig < 0 ? "" : model[(mig + MigInfix.Length)..];
        if (mig >= 0) model = model[..mig];

        shared |= Number(labels, "nvidia.com/gpu.replicas") > 1
            && First(labels, "nvidia.com/gpu.sharing-strategy") is not ("" or "none");
        return new GpuLabels(
            model,
            First(labels, "nvidia.com/gpu.family", "amd.com/gpu.family"),
            Number(labels, "nvidia.com/gpu.memory"),
            shared,
            profile,
            First(labels, "nvidia.com/gpu.clique"))
        {
            ComputeCapability = (100 * Number(labels, "nvidia.com/gpu.compute.major")) + Number(labels, "nvidia.com/gpu.compute.minor"),
        };
    }

    private static string First(IReadOnlyDictionary<string, string> labels, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (labels.TryGetValue(key, out var value)) return value;
        }

        return "";
    }

    private static int Number(IReadOnlyDictionary<string, string> labels, string key) =>
        labels.TryGetValue(key, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
