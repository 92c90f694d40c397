using GpuScheduler.Core.Objects;
using static GpuScheduler.Core.Gangs.IGangSource;

namespace GpuScheduler.Core.Gangs.Sources;

/// <summary>
/// Jobs of the Kubeflow training operator (PyTorchJob, MPIJob, TFJob, ...): <c>training.kubeflow.org/job-name</c>. Replica counts stand in no label:
/// the size is <c>gpu-scheduler.io/gang-size</c>, or that of the PodGroup the operator makes (then the pods name it, and count as its gang).
/// </summary>
internal sealed class KubeflowGangs : IGangSource
{
    public const string JobLabel = "training.kubeflow.org/job-name";

    public string Kind => "training-job";

    public (string Name, int MinSize)? Read(Pod pod) => Text(pod, JobLabel) is { } name ? (name, 0) : null;
}
