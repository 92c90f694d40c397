using System.Collections.Immutable;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// Everything about a pod that decides where it may go and how well it fits. Pods of one workload share a shape, and two pods of equal
/// shape get equal answers from the same snapshot: answers are cached and workloads are learned per shape. Immutable; equal by content.
/// </summary>
public sealed class PodShape : IEquatable<PodShape>
{
    private readonly ResourceAmount[] _requests;
    private readonly Toleration[] _tolerations;
    private readonly IReadOnlyList<ContainerShare> _containers;
    private readonly int _hash;

    /// <summary>Builds a shape.</summary>
    /// <param name="requests">The effective request, as kube-scheduler computes it; amounts of zero are dropped, order does not matter.</param>
    /// <param name="catalog">Tells which resources are GPUs.</param>
    /// <param name="tolerations">The pod's tolerations.</param>
    /// <param name="models">The GPU models the pod accepts; null for any.</param>
    /// <param name="containers">What its containers ask for of Volcano's vGPUs one by one; null where only the sum is known.</param>
    /// <param name="constraints">What its annotations ask besides; null for nothing.</param>
    /// <exception cref="FormatException">An amount is negative, does not fit a column, or the GPU resources contradict each other.</exception>
    public PodShape(
        IEnumerable<ResourceAmount> requests,
        GpuResourceCatalog catalog,
        IEnumerable<Toleration>? tolerations = null,
        ModelSelector? models = null,
        IReadOnlyList<ContainerShare>? containers = null,
        PodConstraints? constraints = null)
    {
        _requests = [.. requests.Where(static request => request.Amount != 0)];
        Array.Sort(_requests, static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        _tolerations = [.. tolerations ?? []];
        Models = models;
        Constraints = constraints;
        foreach (var (name, amount) in _requests)
        {
            if (amount is < 0 or > int.MaxValue) throw new FormatException($"{name}: a pod cannot request {amount}");
            if (name == ResourceNames.Cpu) CpuMilli = (int)amount;
            if (name == ResourceNames.Memory) MemoryMiB = (int)amount;
        }

        _containers = containers ?? [];
        (Gpu, GpuResource, UsesGpu) = GpuDemandReader.Read(_requests, catalog, _containers);
        Mig = MigRequest.Read(_requests, catalog);
        _hash = ComputeHash();
    }

    private PodShape(PodShape other, GpuDemand gpu)
    {
        (_requests, _tolerations, _containers, Models) = (other._requests, other._tolerations, other._containers, other.Models);
        (CpuMilli, MemoryMiB, Gpu, GpuResource, UsesGpu, Mig) = (other.CpuMilli, other.MemoryMiB, gpu, other.GpuResource, other.UsesGpu, other.Mig);
        _hash = ComputeHash();
    }

    /// <summary>This shape with some of its parts replaced; what is not given stays as it is. For questions like "and with one GPU less?".</summary>
    /// <inheritdoc cref="PodShape(IEnumerable{ResourceAmount}, GpuResourceCatalog, IEnumerable{Toleration}?, ModelSelector?, IReadOnlyList{ContainerShare}?, PodConstraints?)"/>
    public PodShape With(
        GpuResourceCatalog catalog,
        IEnumerable<ResourceAmount>? requests = null,
        IEnumerable<Toleration>? tolerations = null,
        ModelSelector? models = null,
        PodConstraints? constraints = null) =>
        new(requests ?? _requests, catalog, tolerations ?? _tolerations, models ?? Models, requests is null ? _containers : null, constraints ?? Constraints);

    /// <summary>The effective request by resource name, in column units, sorted by name, without <c>pods</c>.</summary>
    public ReadOnlySpan<ResourceAmount> Requests => _requests;

    /// <summary>CPU in thousandths.</summary>
    public int CpuMilli { get; }

    /// <summary>Memory in MiB.</summary>
    public int MemoryMiB { get; }

    /// <summary>What is asked of the devices.</summary>
    public GpuDemand Gpu { get; }

    /// <summary>The resource name behind <see cref="Gpu"/>, e.g. <c>nvidia.com/gpu</c>; null without one.</summary>
    public string? GpuResource { get; }

    /// <summary>The MIG instances it asks for, the largest first.</summary>
    public ImmutableArray<MigRequest> Mig { get; }

    /// <summary>Requests a GPU resource of any kind, slices and replicas included.</summary>
    public bool UsesGpu { get; }

    /// <summary>The GPU models it accepts; null for any.</summary>
    public ModelSelector? Models { get; }

    /// <summary>What its annotations ask of its GPUs besides their number; null for nothing.</summary>
    public PodConstraints? Constraints { get; }

    /// <summary>It asks for whole GPUs and replicas of shared cards will not do (<see cref="ReplicaUse"/>).</summary>
    public bool RefusesReplicas => Gpu.IsWhole && Constraints?.Replicas switch
    {
        ReplicaUse.Any => false,
        ReplicaUse.Never => true,
        _ => Gpu.Count > 1,
    };

    /// <summary>Its tolerations.</summary>
    public ReadOnlySpan<Toleration> Tolerations => _tolerations;

    /// <summary><see cref="ToString"/> without what the annotations ask besides: shapes of one workload have one summary.</summary>
    public string Summary => string.Join(' ', _requests.Select(request => ResourceNames.UnitOf(request.Name) switch
    {
        ResourceUnit.Milli => $"{request.Name}={request.Amount}m",
        ResourceUnit.MiB => $"{request.Name}={request.Amount}Mi",
        _ => $"{request.Name}={request.Amount}",
    })) + (Models is null ? "" : $" model={Models}");

    /// <summary>The same shape with its demand on devices put in other words.</summary>
    internal PodShape With(GpuDemand gpu) => new(this, gpu);

    /// <inheritdoc/>
    public bool Equals(PodShape? other) =>
        other is not null && (ReferenceEquals(this, other)
            || (_hash == other._hash && Gpu == other.Gpu && _requests.AsSpan().SequenceEqual(other._requests)
                && _tolerations.AsSpan().SequenceEqual(other._tolerations) && Equals(Models, other.Models)
                && Equals(Constraints, other.Constraints)));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PodShape);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>A short form for people: <c>cpu=4000m memory=16384Mi nvidia.com/gpu=1</c>.</summary>
    public override string ToString() => Summary + (Constraints is null ? "" : $" {Constraints}");

    private int ComputeHash()
    {
        var hash = default(HashCode);
        foreach (var request in _requests) hash.Add(request);
        foreach (var toleration in _tolerations) hash.Add(toleration);
        hash.Add(Models);
        hash.Add(Constraints);
        return hash.ToHashCode();
    }
}
