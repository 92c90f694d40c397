namespace GpuScheduler.Extender;

/// <summary>What is known of the kube-scheduler that calls; learned after the service has started.</summary>
public sealed class SchedulerPeer
{
    private volatile bool _knowsUnresolvable = true;

    /// <summary>
    /// Whether it reads <c>FailedAndUnresolvableNodes</c> (since 1.21, kubernetes#92866). For one that does not, every rejected node is listed in
    /// <c>FailedNodes</c> too, or its reason would be lost; one that does gives the other map precedence.
    /// </summary>
    public bool KnowsUnresolvable
    {
        get => _knowsUnresolvable;
        set => _knowsUnresolvable = value;
    }
}
