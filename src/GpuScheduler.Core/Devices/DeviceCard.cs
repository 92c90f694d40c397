namespace GpuScheduler.Core.Devices;

/// <summary>What can be given out of one device.</summary>
/// <param name="Memory">Memory in the units of the node's sharing dialect; 0 where it is not shared by memory.</param>
/// <param name="MaxTasks">Containers that may share it; 0 for no limit.</param>
/// <param name="IsHealthy">False: nothing of it is given out.</param>
internal readonly record struct DeviceCard(int Memory, int MaxTasks, bool IsHealthy);
