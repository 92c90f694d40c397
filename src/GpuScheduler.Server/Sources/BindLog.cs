using GpuScheduler.Cluster.Binding;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Server.Sources;

/// <summary>Writes to the log how binds end.</summary>
internal sealed partial class BindLog(ILogger<BindLog> log) : IBindObserver
{
    public void Bound(Pod pod, string nodeName, uint deviceMask) => LogBound(pod.FullName, nodeName, deviceMask);

    public void Refused(Pod pod, string nodeName, string reason) => LogRefused(pod.FullName, nodeName, reason);

    [LoggerMessage(1, LogLevel.Debug, "Bound {Pod} to {Node}, devices {DeviceMask:b}")]
    private partial void LogBound(string pod, string node, uint deviceMask);

    [LoggerMessage(2, LogLevel.Information, "Not bound: {Pod} to {Node}: {Reason}")]
    private partial void LogRefused(string pod, string node, string reason);
}
