namespace GpuScheduler.Kubernetes;

/// <summary>One object among many that its reader refused. The others were delivered.</summary>
/// <param name="Meta">Its identity, as far as it could still be read; empty strings otherwise.</param>
/// <param name="Error">Why the reader refused it (<see cref="FormatException"/> or <see cref="System.Text.Json.JsonException"/>).</param>
public sealed record BadObject(ObjectMeta Meta, Exception Error)
{
    /// <summary>
    /// What the watch said of it; null in a list, and when that could not be read either. A deletion is a deletion, readable or not.
    /// </summary>
    public WatchEventType? Event { get; init; }
}
