namespace GpuScheduler.Core.Filtering;

/// <summary>Which map of the filter's answer a rejected node goes to.</summary>
public enum RejectionClass
{
    /// <summary><c>FailedNodes</c>: evicting pods could help, so kube-scheduler may try preemption there.</summary>
    Resolvable,

    /// <summary><c>FailedAndUnresolvableNodes</c>: no eviction would help.</summary>
    Unresolvable,

    /// <summary>
    /// Eviction could help, but only we see the obstacle. kube-scheduler up to 1.36 evicts by its own filters alone, finds that nobody had to go,
    /// and fails with "expected at least one victim pod" (<c>pkg/scheduler/framework/preemption/preemption.go</c>), so by default such a node
    /// is reported as unresolvable.
    /// </summary>
    OnlyExtenderSees,
}
