namespace GpuScheduler.Core.Objects;

/// <summary>A taint of a node (<c>core/v1 Taint</c>).</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value, empty when it has none.</param>
/// <param name="Effect"><c>NoSchedule</c>, <c>PreferNoSchedule</c> or <c>NoExecute</c>.</param>
public sealed record Taint(string Key, string Value, string Effect)
{
    /// <summary>The taint the node controller sets for <c>spec.unschedulable</c>; we treat the field itself as this taint.</summary>
    public static Taint Unschedulable { get; } = new("node.kubernetes.io/unschedulable", "", "NoSchedule");

    /// <summary>Whether kube-scheduler's filter looks at this taint: <c>PreferNoSchedule</c> only scores.</summary>
    public bool KeepsPodsAway => Effect is "NoSchedule" or "NoExecute";
}
