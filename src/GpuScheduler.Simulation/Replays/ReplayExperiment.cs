namespace GpuScheduler.Simulation.Replays;

/// <summary>How pods come and whether they go.</summary>
public enum ReplayExperiment
{
    /// <summary>An empty cluster fills up; no pod leaves. Weng et al., USENIX ATC 2023.</summary>
    Inflation,

    /// <summary>Pods come at random times at a stated load and leave after exponential lifetimes.</summary>
    Poisson,

    /// <summary>Pods come and go at the times the trace says.</summary>
    TraceTimes,
}
