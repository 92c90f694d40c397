using GpuScheduler.Core.Objects;

namespace GpuScheduler.Cluster.Binding;

/// <summary>Told how binds end, to write events and count them. Must not block.</summary>
public interface IBindObserver
{
    /// <summary>The pod is on the node, with these devices (bit i: device i).</summary>
    void Bound(Pod pod, string nodeName, uint deviceMask);

    /// <summary>The bind was refused, by us or by the API server.</summary>
    void Refused(Pod pod, string nodeName, string reason);
}
