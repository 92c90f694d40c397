namespace GpuScheduler.Kubernetes;

/// <summary>How the server applies a patch.</summary>
public enum PatchType
{
    /// <summary>JSON merge patch (RFC 7396): null deletes, lists are replaced whole.</summary>
    Merge,

    /// <summary>Kubernetes' strategic merge patch: lists with a merge key are merged. Built-in kinds only.</summary>
    Strategic,
}
