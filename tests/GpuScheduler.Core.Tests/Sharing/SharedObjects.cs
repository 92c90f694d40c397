using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Sharing;

/// <summary>Makes nodes and pods of the sharing dialects.</summary>
internal static class SharedObjects
{
    /// <summary>A gpushare node; its plugin counts GiB when a device has fewer than 1024 units.</summary>
    public static MakeNode GpuShare(this MakeNode node, int count, int memoryPerDevice) =>
        node.Resource("aliyun.com/gpu-count", $"{count}").Resource("aliyun.com/gpu-mem", $"{count * memoryPerDevice}");

    /// <summary>A node of Volcano's vGPU plugin with devices of the given memory, ten tasks each.</summary>
    public static MakeNode Vgpu(this MakeNode node, params int[] memoryMiB) =>
        node.Resource("volcano.sh/vgpu-number", $"{memoryMiB.Length * 10}")
            .Annotation("volcano.sh/node-vgpu-register", string.Concat(memoryMiB.Select((memory, i) => $"GPU-{i},10,{memory},NVIDIA-L40S,true,hami-core:")));

    /// <summary>One of the dialects, or none.</summary>
    public static MakeNode Shared(this MakeNode node, Random random, int count) => random.Next(4) switch
    {
        0 when count > 0 => node.GpuShare(count, random.Next(2) == 0 ? 15 : 15_109),
        1 when count > 0 => node.Resource("volcano.sh/gpu-number", $"{count}").Resource("volcano.sh/gpu-memory", $"{count * 24_000}"),
        2 when count > 0 => node.Vgpu([.. Enumerable.Range(0, count).Select(_ => random.Next(1, 5) * 8_192)]),
        _ => node,
    };

    /// <summary>A pod that takes <paramref name="units"/> of a gpushare device.</summary>
    public static MakePod GpuMem(this MakePod pod, int units) => pod.Request("aliyun.com/gpu-mem", $"{units}");

    /// <summary>A pod that takes a part of vGPU devices.</summary>
    public static MakePod Vgpu(this MakePod pod, int number, int memoryMiB = 0, int percent = 0, int cores = 0)
    {
        pod.Request("volcano.sh/vgpu-number", $"{number}");
        if (memoryMiB > 0) pod.Request("volcano.sh/vgpu-memory", $"{memoryMiB}");
        if (percent > 0) pod.Request("volcano.sh/vgpu-memory-percentage", $"{percent}");
        if (cores > 0) pod.Request("volcano.sh/vgpu-cores", $"{cores}");
        return pod;
    }

    /// <summary>A share by memory in one of the dialects.</summary>
    public static MakePod Shared(this MakePod pod, Random random) => random.Next(4) switch
    {
        0 => pod.GpuMem(random.Next(2) == 0 ? random.Next(1, 16) : random.Next(1, 15_110)),
        1 => pod.Request("volcano.sh/gpu-memory", $"{random.Next(1, 24_001)}"),
        2 => pod.Vgpu(random.Next(1, 4), memoryMiB: random.Next(1, 16_384), cores: random.Next(5) * 25),
        _ => pod.Vgpu(random.Next(1, 3), percent: random.Next(0, 101), cores: random.Next(5) * 25),
    };
}
