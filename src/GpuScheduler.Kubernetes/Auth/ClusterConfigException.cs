namespace GpuScheduler.Kubernetes;

/// <summary>A configuration (kubeconfig, service account) that cannot be used. The message names file and field, never a secret.</summary>
public sealed class ClusterConfigException : Exception
{
    /// <summary>A message without a source.</summary>
    public ClusterConfigException(string message)
        : base(message)
    {
    }

    /// <summary>A message about one field of one file.</summary>
    public ClusterConfigException(string file, string field, string message, Exception? inner = null)
        : base(field.Length == 0 ? $"{file}: {message}" : $"{file}: {field}: {message}", inner)
    {
        File = file;
        Field = field;
    }

    /// <summary>The file at fault; empty when it is none.</summary>
    public string File { get; } = "";

    /// <summary>Path of the field at fault, such as <c>clusters[0].cluster.server</c>; empty when it is the whole file.</summary>
    public string Field { get; } = "";
}
