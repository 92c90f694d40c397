using System.Text.Json;
using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>Request bodies of kinds that are only ever written.</summary>
internal static class RequestBodies
{
    public static ReadOnlyMemory<byte> Binding(PodBinding binding) => JsonSerializer.SerializeToUtf8Bytes(
        new V1Binding
        {
            ApiVersion = "v1",
            Kind = "Binding",
            Metadata = new V1ObjectMeta
            {
                Name = binding.PodName,
                NamespaceProperty = binding.Namespace,
                Uid = ModelMeta.NullIfEmpty(binding.PodUid),
                Annotations = binding.Annotations.ToModel(),
            },
            Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = binding.NodeName },
        },
        ModelContext.Default.V1Binding);

    public static ReadOnlyMemory<byte> DeleteOptions(string uid) => JsonSerializer.SerializeToUtf8Bytes(
        new V1DeleteOptions { ApiVersion = "v1", Kind = "DeleteOptions", Preconditions = new V1Preconditions { Uid = uid } },
        ModelContext.Default.V1DeleteOptions);
}
