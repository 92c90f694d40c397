using System.Globalization;

namespace GpuScheduler.Simulation.Generation;

/// <summary>Labels a node as GPU Feature Discovery does (k8s-device-plugin <c>docs/gpu-feature-discovery</c>, <c>internal/lm</c>).</summary>
internal static class GpuLabelWriter
{
    public static void Write(Dictionary<string, string> labels, NodeProfile node, MigLayout? layout)
    {
        var gpu = node.Gpu!;
        var isShared = node.Replicas > 1;
        var allMig = layout is { WholeGpus: 0 };
        Set("gpu.present", "true");
        Set("gpu.product", isShared ? gpu.Product + "-SHARED" : gpu.Product);
        Set("gpu.count", Text(node.GpuCount));
        Set("gpu.replicas", allMig ? "0" : Text(node.Replicas));
        Set("gpu.sharing-strategy", isShared ? "time-slicing" : "none");
        Set("gpu.memory", Text(gpu.MemoryMiB));
        Set("gpu.family", gpu.Family);
        Set("gpu.compute.major", Text(gpu.ComputeMajor));
        Set("gpu.compute.minor", Text(gpu.ComputeMinor));
        Set("gpu.machine", node.Machine);
        Set("gpu.mode", "compute");
        Set("cuda.driver-version.full", "580.95.05");
        Set("cuda.driver-version.major", "580");
        Set("cuda.driver-version.minor", "95");
        Set("cuda.driver-version.revision", "05");
        Set("cuda.runtime-version.full", "13.0");
        Set("cuda.runtime-version.major", "13");
        Set("cuda.runtime-version.minor", "0");
        Set("mig.capable", gpu.IsMigCapable ? "true" : "false");
        Set("mps.capable", "false");
        Set("vgpu.present", "false");
        if (layout is null) return;

        Set("mig.strategy", "mixed");
        Set("mig.config", layout.Config);
        Set("mig.config.state", "success");
        foreach (var (profile, perGpu) in layout.SlicesPerGpu) WriteProfile(profile, perGpu * (node.GpuCount - layout.WholeGpus));

        void WriteProfile(MigProfile profile, int count)
        {
            var key = $"mig-{profile.Name}.";
            Set(key + "product", $"{gpu.Product}-MIG-{profile.Name}");
            Set(key + "count", Text(count));
            Set(key + "replicas", "1");
            Set(key + "sharing-strategy", "none");
            Set(key + "memory", Text(profile.MemoryMiB));
            Set(key + "multiprocessors", Text(profile.Multiprocessors));
            Set(key + "slices.gi", Text(profile.ComputeSlices));
            Set(key + "slices.ci", Text(profile.ComputeSlices));
            Set(key + "engines.copy", Text(profile.ComputeSlices));
            Set(key + "engines.decoder", Text(profile.Decoders));
            Set(key + "engines.encoder", "0");
            Set(key + "engines.jpeg", Text(profile.JpegEngines));
            Set(key + "engines.ofa", Text(profile.JpegEngines));
        }

        void Set(string key, string value) => labels["nvidia.com/" + key] = value;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
