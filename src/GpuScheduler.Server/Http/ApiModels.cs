using System.Text.Json.Serialization;

namespace GpuScheduler.Server.Http;

/// <summary>A page of <c>GET /api/v1/nodes</c>.</summary>
/// <param name="Generation">Generation of the snapshot it was read from.</param>
/// <param name="NodeCount">Nodes in the whole snapshot.</param>
/// <param name="Items">The nodes of this page.</param>
/// <param name="Continue">What to send as <c>continue</c> for the next page; absent on the last.</param>
internal sealed record NodeListBody(long Generation, int NodeCount, IReadOnlyList<NodeSummary> Items, string? Continue);

/// <summary>A node in a list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Model">GPU model; absent without one.</param>
/// <param name="Gpus">Devices that are told apart; 0 where GPUs are counted by resource alone.</param>
/// <param name="GpusFree">Devices that a pod could be given whole: none of a cordoned node.</param>
/// <param name="DeviceFreeMilli">Free thousandths by device.</param>
/// <param name="Resources">GPU resources it offers.</param>
/// <param name="Pods">Pods that hold resources of it.</param>
/// <param name="Unschedulable">It is cordoned.</param>
/// <param name="Topology">Its domains by label key, farthest first; levels it has no label for are left out.</param>
/// <param name="GpuMemoryMiB">Memory of one GPU; 0 when unknown.</param>
/// <param name="Pool">The pool it belongs to, by its provider's label; absent without one.</param>
/// <param name="Taints">Taints as <c>key=value:effect</c>.</param>
/// <param name="DeviceFreeMemoryMiB">Free memory by device where it is shared by memory; absent elsewhere.</param>
/// <param name="UnhealthyDevices">Indices of devices that are not handed out.</param>
internal sealed record NodeSummary(
    string Name,
    string? Model,
    int Gpus,
    int GpusFree,
    IReadOnlyList<int> DeviceFreeMilli,
    IReadOnlyDictionary<string, ResourceBody> Resources,
    int Pods,
    bool Unschedulable,
    IReadOnlyDictionary<string, string> Topology,
    int GpuMemoryMiB,
    string? Pool,
    IReadOnlyList<string> Taints,
    IReadOnlyList<long>? DeviceFreeMemoryMiB,
    IReadOnlyList<int> UnhealthyDevices);

/// <summary>An amount in the resource's column unit: thousandths of CPU, MiB of memory and storage, otherwise a count.</summary>
/// <param name="Allocatable">What pods may use.</param>
/// <param name="Free">What is left; negative on an over-committed node.</param>
internal sealed record ResourceBody(int Allocatable, int Free);

/// <summary>Everything <c>GET /api/v1/nodes/{name}</c> tells.</summary>
/// <param name="Generation">Generation of the snapshot it was read from.</param>
/// <param name="ChangedInGeneration">The generation in which a number of this node or one near it last changed; a bind that is confirmed changes none.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="ResourceVersion">Version of the node object.</param>
/// <param name="Model">GPU model; absent without one.</param>
/// <param name="Family">GPU family; absent when unknown.</param>
/// <param name="GpuMemoryMiB">Memory of one GPU; 0 when unknown.</param>
/// <param name="Unschedulable">It is cordoned.</param>
/// <param name="Conditions">Conditions by type.</param>
/// <param name="Taints">Taints as <c>key=value:effect</c>.</param>
/// <param name="Topology">Its domains by label key, farthest first.</param>
/// <param name="Resources">All resources it offers or pods ask of it.</param>
/// <param name="Devices">Its devices.</param>
/// <param name="Pods">Pods that hold resources of it.</param>
/// <param name="Labels">All labels.</param>
/// <param name="Annotations">The annotations we read.</param>
/// <param name="Problems">Fields of the node object that were left out.</param>
internal sealed record NodeBody(
    long Generation,
    long ChangedInGeneration,
    string Name,
    string Uid,
    string ResourceVersion,
    string? Model,
    string? Family,
    int GpuMemoryMiB,
    bool Unschedulable,
    IReadOnlyDictionary<string, string> Conditions,
    IReadOnlyList<string> Taints,
    IReadOnlyDictionary<string, string> Topology,
    IReadOnlyDictionary<string, ResourceBody> Resources,
    IReadOnlyList<DeviceBody> Devices,
    IReadOnlyList<PodBody> Pods,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Annotations,
    IReadOnlyList<string> Problems)
{
    /// <summary>Its GPUs in MIG mode; absent without MIG.</summary>
    public MigBody? Mig { get; init; }
}

/// <summary>What is known of a node's GPUs in MIG mode.</summary>
/// <param name="Mode"><c>Fixed</c>: the instances that exist are given out; <c>Dynamic</c>: an instance is made for each pod.</param>
/// <param name="Geometry">The kind of its GPUs; absent when not known.</param>
/// <param name="Obstacle">Why pods with GPUs are kept away; absent when they are not.</param>
/// <param name="Problem">What the node says of itself and could not be followed; absent without.</param>
/// <param name="Inference">How much device counts say of the layouts (<c>Certain</c>, <c>Ambiguous</c>, ...); absent where the layouts are known.</param>
/// <param name="InferenceReason">Why they say nothing; absent when they do.</param>
/// <param name="CertainlyTaken">Inferred: memory slices that are taken on every GPU, 1 per taken slice from slice 0; absent where the layouts are known.</param>
/// <param name="PossiblyTaken">Inferred: those that may be taken on some GPU.</param>
/// <param name="GpusInferred">Only counts say which GPUs are in MIG mode.</param>
/// <param name="Gpus">The GPUs in MIG mode.</param>
internal sealed record MigBody(
    string Mode,
    string? Geometry,
    string? Obstacle,
    string? Problem,
    string? Inference,
    string? InferenceReason,
    string? CertainlyTaken,
    string? PossiblyTaken,
    bool GpusInferred,
    IReadOnlyList<MigGpuBody> Gpus);

/// <summary>A GPU in MIG mode.</summary>
/// <param name="Index">Its index on the node.</param>
/// <param name="Slices">Its memory slices from slice 0 on, 1 where taken; absent where inferred.</param>
/// <param name="Instances">The instances that are known.</param>
internal sealed record MigGpuBody(int Index, string? Slices, IReadOnlyList<MigInstanceBody> Instances);

/// <summary>A MIG instance.</summary>
/// <param name="Profile">Its profile.</param>
/// <param name="Start">First memory slice.</param>
/// <param name="Pod">Who holds it, as namespace/name; absent when the node tells of it.</param>
/// <param name="Inferred">Nothing says where the pod's instance is; this is a guess.</param>
internal sealed record MigInstanceBody(string Profile, int Start, string? Pod, bool Inferred);

/// <summary>A device of a node.</summary>
/// <param name="Index">Its index on the node.</param>
/// <param name="FreeMilli">Free thousandths.</param>
/// <param name="Pods">Who holds a part of it, as namespace/name.</param>
/// <param name="Uuid">Its UUID; null when unknown.</param>
/// <param name="MemoryMiB">All of its memory; 0 when unknown.</param>
/// <param name="FreeMemoryMiB">Free memory where it is shared by memory; null elsewhere.</param>
/// <param name="Healthy">False: it is not handed out.</param>
/// <param name="Inferred">Nothing names it: labels and allocatable tell of it.</param>
internal sealed record DeviceBody(
    int Index, int FreeMilli, IReadOnlyList<string> Pods, string? Uuid, int MemoryMiB, long? FreeMemoryMiB, bool Healthy, bool Inferred);

/// <summary>A pod on a node.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="Requests">What it asks for, in column units.</param>
/// <param name="Devices">Indices of the devices it holds.</param>
/// <param name="DevicesInferred">Nothing says which devices; these are a guess.</param>
/// <param name="Assumed">Bound by us, not yet confirmed by the watch.</param>
internal sealed record PodBody(
    string Namespace,
    string Name,
    string Uid,
    IReadOnlyDictionary<string, long> Requests,
    IReadOnlyList<int> Devices,
    bool DevicesInferred,
    bool Assumed);

/// <summary><c>GET /version</c>.</summary>
/// <param name="Version">Version of this build.</param>
/// <param name="GitCommit">Commit it was built from; absent when unknown.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="Platform">Operating system and processor.</param>
/// <param name="SimdBits">Width of the vectors that the scoring kernels use on this processor.</param>
internal sealed record VersionBody(string Version, string? GitCommit, string Runtime, string Platform, int SimdBits);

/// <summary>What the verbs answer while the service is not ready; kube-scheduler's own field name.</summary>
/// <param name="Error">Why.</param>
internal sealed record RefusalBody([property: System.Text.Json.Serialization.JsonPropertyName("Error")] string Error);

/// <summary>Differences between the snapshot and the cluster's objects.</summary>
/// <param name="Drift">A sentence each; empty when there are none.</param>
internal sealed record DriftBody(IReadOnlyList<string> Drift);

/// <summary>What an audit found.</summary>
/// <param name="Generation">Of the snapshot that was looked at.</param>
/// <param name="Devices">Devices that were looked at.</param>
/// <param name="OvercommittedDevices">Devices of which pods' annotations give out more than there is.</param>
/// <param name="Findings">Everything found, before what can be healed was healed.</param>
internal sealed record AuditBody(long Generation, int Devices, int OvercommittedDevices, IReadOnlyList<FindingBody> Findings);

/// <summary>Something that is not as it should be.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Node">The node.</param>
/// <param name="Device">The device's index; absent when it is not about one.</param>
/// <param name="Message">A sentence.</param>
internal sealed record FindingBody(string Kind, string Node, int? Device, string Message);

/// <summary>An answer that says what went wrong.</summary>
/// <param name="Error">What, and what to do.</param>
internal sealed record ErrorBody(string Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodeListBody))]
[JsonSerializable(typeof(NodeBody))]
[JsonSerializable(typeof(DomainListBody))]
[JsonSerializable(typeof(VersionBody))]
[JsonSerializable(typeof(GpuShareBody))]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(DriftBody))]
[JsonSerializable(typeof(RuntimeBody))]
[JsonSerializable(typeof(AuditBody))]
[JsonSerializable(typeof(RefusalBody))]
[JsonSerializable(typeof(PodListBody))]
[JsonSerializable(typeof(WaitingBody))]
[JsonSerializable(typeof(ExplanationBody))]
[JsonSerializable(typeof(ExplanationListBody))]
[JsonSerializable(typeof(DecisionListBody))]
internal sealed partial class ApiJson : JsonSerializerContext;
