using System.Numerics;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Sharing;

/// <summary>Translates between one sharing convention and ours: what pods ask for, and what nodes offer.</summary>
internal interface ISharingDialect
{
    /// <summary>Which one.</summary>
    SharingDialect Kind { get; }

    /// <summary>The resource behind a demand in this dialect, for messages.</summary>
    string ResourceOf(in GpuDemand demand);

    /// <summary>What a pod asks for in this dialect; null when it does not speak it.</summary>
    /// <param name="requests">The pod's effective request.</param>
    /// <param name="containers">What its containers ask for one by one, where the source says; empty otherwise.</param>
    /// <exception cref="FormatException">The request contradicts itself.</exception>
    GpuDemand? ReadRequest(ReadOnlySpan<ResourceAmount> requests, IReadOnlyList<ContainerShare> containers);

    /// <summary>What a node offers in this dialect; no devices when it does not speak it.</summary>
    SharedOffer ReadNode(Node node);

    /// <summary>The devices that a bound pod's annotations name, whichever scheduler wrote them; 0 when they name none of this node's.</summary>
    uint ReadAssignment(Pod pod, NodeDevices devices);

    /// <summary>The nanosecond stamp of the annotations by which the device plugin tells which of its pods comes next; 0 without one.</summary>
    long ReadStamp(Pod pod);

    /// <summary>Writes the annotations that the device plugin reads.</summary>
    void WriteAssignment(in SharedAssignment assignment, IDictionary<string, string> annotations);
}

/// <summary>A choice of devices to be told to a device plugin.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="NodeName">Its node.</param>
/// <param name="Devices">The node's devices.</param>
/// <param name="DeviceMask">Those it was given.</param>
/// <param name="Nanoseconds">The time since 1970, later than that of every pod given devices of this node before.</param>
internal readonly record struct SharedAssignment(Pod Pod, string NodeName, NodeDevices Devices, uint DeviceMask, long Nanoseconds)
{
    /// <summary>The indices of the devices, ascending.</summary>
    public IEnumerable<int> Indices
    {
        get
        {
            for (var rest = DeviceMask; rest != 0; rest &= rest - 1) yield return BitOperations.TrailingZeroCount(rest);
        }
    }

    /// <summary>The time in whole seconds.</summary>
    public long Seconds => Nanoseconds / 1_000_000_000;
}

/// <summary>What a node offers of shared devices.</summary>
/// <param name="Count">How many devices.</param>
/// <param name="MemoryPerDevice">Memory of one in the dialect's units, where its own is not told.</param>
/// <param name="Devices">The devices, where they are told apart; null otherwise.</param>
/// <param name="Unhealthy">Indices of devices that are broken; null for none.</param>
internal readonly record struct SharedOffer(
    int Count, int MemoryPerDevice, IReadOnlyList<GpuDevice>? Devices = null, IReadOnlyCollection<int>? Unhealthy = null);

/// <summary>What one container asks for of Volcano's vGPUs; a container that asks for none has a <see cref="Count"/> of 0.</summary>
/// <param name="Count">Devices.</param>
/// <param name="MemoryMiB">MiB of each.</param>
/// <param name="MemoryPercent">Hundredths of the memory of each.</param>
/// <param name="CoresPercent">Hundredths of the compute of each.</param>
public readonly record struct ContainerShare(int Count, int MemoryMiB, int MemoryPercent, int CoresPercent);
