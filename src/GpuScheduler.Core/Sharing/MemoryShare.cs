namespace GpuScheduler.Core.Sharing;

/// <summary>What a pod takes of each device it is given, where devices are shared by memory.</summary>
/// <param name="Dialect">Whose units these are; a node that counts in another dialect cannot take the pod.</param>
/// <param name="Memory">Memory in the units the node's device plugin counts (MiB, or GiB with gpushare's default).</param>
/// <param name="MemoryPercent">Memory in hundredths of the device, in addition; 0 for none.</param>
/// <param name="CoresPercent">Hundredths of the device's compute; 0 where the dialect does not say or the pod takes what is left over.</param>
/// <param name="Tasks">How many containers will use the device: vGPU devices take a limited number.</param>
public readonly record struct MemoryShare(SharingDialect Dialect, int Memory, int MemoryPercent = 0, int CoresPercent = 0, int Tasks = 1)
{
    private const int WholePercent = 100;

    /// <summary>Memory taken of a device that has <paramref name="deviceMemory"/>; percent round down, as in Volcano (<c>devices/nvidia/vgpu/utils.go</c>).</summary>
    public int On(int deviceMemory) =>
        (int)Math.Min(int.MaxValue, Memory + ((long)deviceMemory * MemoryPercent / WholePercent));
}
