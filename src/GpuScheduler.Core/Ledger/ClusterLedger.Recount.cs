using GpuScheduler.Core.Devices;

namespace GpuScheduler.Core.Ledger;

/// <summary>Repair.</summary>
public sealed partial class ClusterLedger
{
    /// <summary>Throws the sums of a node away and makes them anew from the pods on record; what it repairs is a bug somewhere else.</summary>
    /// <returns>False when there is no such node.</returns>
    public bool Recount(string nodeName)
    {
        if (!_nodes.TryGetValue(nodeName, out var entry) || entry.Node is null) return false;
        Array.Clear(entry.Requested);
        entry.Uses = new DeviceUse[entry.Uses.Length];
        (entry.GpuPods, entry.ExclusivePods) = (0, 0);
        WriteNode(entry);
        foreach (var pod in entry.Pods) Count(entry, pod, +1);
        return true;
    }
}
