namespace GpuScheduler.Simulation.Replays;

/// <summary>Which of equally good nodes a pod goes to.</summary>
public enum TiedNodes
{
    /// <summary>The first in one order of the nodes that is random, but the same for the whole replay: the published simulator's rule.</summary>
    First,

    /// <summary>A random one each time, as stock kube-scheduler's <c>selectHost</c> does.</summary>
    Random,
}
