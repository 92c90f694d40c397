namespace GpuScheduler.Extender;

/// <summary>The calls kube-scheduler makes to an extender.</summary>
public enum ExtenderVerb
{
    /// <summary>Which of these nodes can take the pod.</summary>
    Filter,

    /// <summary>How good each of these nodes is.</summary>
    Prioritize,

    /// <summary>Which pods would have to go.</summary>
    Preempt,

    /// <summary>Put the pod on this node.</summary>
    Bind,
}
