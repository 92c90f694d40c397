using System.Text.Json.Serialization;
using k8s.KubeConfigModels;
using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// Reading and writing of those of KubernetesClient's models that this service uses. The package's own serializer knows every kind there
/// is, which costs a process that writes one lease 16 MB.
/// </summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(MicroTimeConverter)])]
[JsonSerializable(typeof(Corev1Event))]
[JsonSerializable(typeof(Eventsv1Event))]
[JsonSerializable(typeof(ExecCredentialResponse))]
[JsonSerializable(typeof(V1APIGroupList))]
[JsonSerializable(typeof(V1Binding))]
[JsonSerializable(typeof(V1DeleteOptions))]
[JsonSerializable(typeof(V1Lease))]
[JsonSerializable(typeof(V1Status))]
[JsonSerializable(typeof(V1SubjectAccessReview))]
[JsonSerializable(typeof(V1TokenReview))]
[JsonSerializable(typeof(VersionInfo))]
internal sealed partial class ModelContext : JsonSerializerContext;
