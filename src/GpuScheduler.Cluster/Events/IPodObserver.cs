using GpuScheduler.Core.Objects;

namespace GpuScheduler.Cluster.Events;

/// <summary>Looks at the pods that the watch brings, while this process leads. Must be quick and must not throw: it runs in the watch.</summary>
public interface IPodObserver
{
    /// <summary>A pod was added or changed.</summary>
    void Seen(Pod pod);
}
