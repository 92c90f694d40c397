namespace GpuScheduler.Cluster.Binding;

/// <summary>Says whether this process may bind at this moment: synced, leading, and with enough of its lease left.</summary>
public interface IBindGate
{
    /// <summary>Why a bind must not start now; null when it may.</summary>
    string? Refusal { get; }
}
