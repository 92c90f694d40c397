namespace GpuScheduler.Core.Objects;

/// <summary>A toleration of a pod (<c>core/v1 Toleration</c>); matching as in <c>staging/src/k8s.io/api/core/v1/toleration.go</c>, <c>ToleratesTaint</c>.</summary>
/// <param name="Key">The taint's key; empty tolerates every key (only with <c>Exists</c>).</param>
/// <param name="Operator"><c>Equal</c> (or empty) or <c>Exists</c>.</param>
/// <param name="Value">The value for <c>Equal</c>.</param>
/// <param name="Effect">The effect; empty matches every effect.</param>
public sealed record Toleration(string Key, string Operator, string Value, string Effect)
{
    /// <summary>Whether this toleration covers <paramref name="taint"/>.</summary>
    public bool Tolerates(Taint taint) =>
        (Effect.Length == 0 || Effect == taint.Effect)
        && (Key.Length == 0 || Key == taint.Key)
        && Operator switch
        {
            "" or "Equal" => Value == taint.Value,
            "Exists" => true,
            _ => false,
        };
}
