using GpuScheduler.Core.Objects.Json;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Sharing.VolcanoVgpu;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// A pod's effective request, as kube-scheduler computes it
/// (<c>staging/src/k8s.io/component-helpers/resource/helpers.go</c>, <c>PodRequests</c>, as of Kubernetes 1.33 to 1.36):
/// <list type="number">
/// <item>the sum of the containers and of the sidecars (init containers that restart);</item>
/// <item>at least what the pod needs while its i-th init container runs: that one and the sidecars started before it;</item>
/// <item>for CPU, memory and huge pages, the request of the pod as a whole in place of that;</item>
/// <item>plus the pod's overhead.</item>
/// </list>
/// Missing requests are filled from limits as the API server does (<c>pkg/apis/core/v1/defaults.go</c>, <c>SetDefaults_Pod</c>,
/// <c>defaultPodRequests</c>), so that a pod written by hand counts the same as one that came from the API server.
/// Quantities are added exactly and rounded up once, at the end.
/// </summary>
internal sealed class EffectiveRequest
{
    private static readonly ResourceList Nothing = new();

    /// <summary>The containers.</summary>
    public List<ContainerResources> Containers { get; } = [];

    /// <summary>The init containers in their order, sidecars among them.</summary>
    public List<ContainerResources> InitContainers { get; } = [];

    /// <summary>What the kubelet reports of containers of either kind.</summary>
    public List<ContainerResourceStatus> Statuses { get; } = [];

    /// <summary><c>spec.resources</c>.</summary>
    public ResourceList? PodRequests { get; set; }

    /// <summary><c>spec.resources</c>.</summary>
    public ResourceList? PodLimits { get; set; }

    /// <summary><c>status.resources.requests</c>; null when there is no <c>status.resources</c>.</summary>
    public ResourceList? PodActuated { get; set; }

    /// <summary><c>status.allocatedResources</c>.</summary>
    public ResourceList? PodAllocated { get; set; }

    /// <summary><c>spec.overhead</c>.</summary>
    public ResourceList? Overhead { get; set; }

    /// <summary>The first <c>PodResizePending</c> condition has the reason <c>Infeasible</c>: the size asked for will not come.</summary>
    public bool IsResizeInfeasible { get; set; }

    /// <summary>The effective request in column units, without <c>pods</c> and without names that are no resource of a node.</summary>
    /// <exception cref="FormatException">A sum is more than a quantity can be.</exception>
    public List<ResourceAmount> Compute()
    {
        var total = OfContainers();
        ApplyPodLevel(total);
        if (Overhead is not null) total.Add(Overhead);

        var amounts = new List<ResourceAmount>(total.Entries.Length);
        foreach (var (name, quantity) in total.Entries)
        {
            if (ResourceNames.IsScheduled(name)) amounts.Add(new ResourceAmount(name, ResourceNames.ToColumnUnits(name, quantity, isRequest: true)));
        }

        return amounts;
    }

    /// <summary>
    /// What the containers ask for of Volcano's vGPUs one by one, in their order; empty when none does. Limits come first, as in
    /// <c>pkg/scheduler/api/devices/nvidia/vgpu/utils.go</c>, <c>resourcereqs</c>; init containers do not count there.
    /// </summary>
    public IReadOnlyList<ContainerShare> ContainerShares()
    {
        if (!Containers.Exists(container => AmountOf(container, VolcanoVgpuDialect.CountResource) > 0)) return [];
        return
        [
            .. Containers.Select(container => AmountOf(container, VolcanoVgpuDialect.CountResource) is var count and > 0
                ? VolcanoVgpuDialect.Share(
                    count,
                    AmountOf(container, VolcanoVgpuDialect.MemoryResource),
                    AmountOf(container, VolcanoVgpuDialect.MemoryPercentResource),
                    AmountOf(container, VolcanoVgpuDialect.CoresResource))
                : default),
        ];
    }

    private static int AmountOf(ContainerResources container, string resource)
    {
        foreach (var list in (ReadOnlySpan<ResourceList?>)[container.Limits, container.Requests])
        {
            foreach (var (name, quantity) in list is null ? [] : list.Entries)
            {
                if (name == resource) return (int)Math.Clamp(quantity.UnitsCeiling, 0, int.MaxValue);
            }
        }

        return 0;
    }

    private ResourceList OfContainers()
    {
        var total = new ResourceList();
        foreach (var container in Containers) total.Add(RequestOf(container));
        if (InitContainers.Count == 0) return total;

        var sidecars = new ResourceList();
        var peak = new ResourceList();
        foreach (var container in InitContainers)
        {
            var request = RequestOf(container);
            if (container.IsSidecar)
            {
                total.Add(request);
                sidecars.Add(request);
            }
            else
            {
                var whileItRuns = new ResourceList();
                whileItRuns.Add(request);
                whileItRuns.Add(sidecars);
                peak.Max(whileItRuns);
            }
        }

        total.Max(peak);
        return total;
    }

    /// <summary>
    /// What one container counts for: its request or, during an in-place resize, the greatest of that, what is allocated and what is in
    /// effect (<c>determineEffectiveRequests</c>). Of an infeasible resize the request is ignored where it can be resized at all.
    /// </summary>
    private ResourceList RequestOf(ContainerResources container)
    {
        var request = WithLimits(container.Requests, container.Limits);
        foreach (var status in Statuses)
        {
            if (status.Name == container.Name) return status.Actuated is null ? request : Effective(request, status.Actuated, status.Allocated);
        }

        return request;
    }

    private ResourceList Effective(ResourceList spec, ResourceList actuated, ResourceList? allocated)
    {
        var effective = new ResourceList();
        foreach (var (name, quantity) in spec.Entries)
        {
            // Only CPU and memory can be resized; a GPU must not vanish because a status does not repeat it.
            var known = actuated.Has(name) || allocated?.Has(name) == true;
            if (!IsResizeInfeasible || !known || name is not (ResourceNames.Cpu or ResourceNames.Memory)) effective.Set(name, quantity);
        }

        effective.Max(actuated);
        effective.Max(allocated ?? Nothing);
        return effective;
    }

    private void ApplyPodLevel(ResourceList total)
    {
        if (PodRequests is null && PodLimits is null) return;
        var requests = new ResourceList();
        requests.Max(PodRequests ?? Nothing);
        foreach (var (name, limit) in (PodLimits ?? Nothing).Entries)
        {
            // The sum over the containers stands in for a missing request; only without one, and for huge pages, the limit does.
            var fromContainers = total.Has(name) && !ResourceNames.IsHugePages(name);
            if (!requests.Has(name) && !fromContainers) requests.Set(name, limit);
        }

        var effective = PodActuated is null ? requests : Effective(requests, PodActuated, PodAllocated);
        foreach (var (name, quantity) in effective.Entries)
        {
            if (requests.Has(name) && IsPodLevel(name)) total.Set(name, quantity);
        }
    }

    private static bool IsPodLevel(string name) => name is ResourceNames.Cpu or ResourceNames.Memory || ResourceNames.IsHugePages(name);

    private static ResourceList WithLimits(ResourceList? requests, ResourceList? limits)
    {
        if (limits is null) return requests ?? Nothing;
        if (requests is null) return limits;
        foreach (var (name, limit) in limits.Entries)
        {
            if (!requests.Has(name)) requests.Set(name, limit);
        }

        return requests;
    }
}

/// <summary>What one container asks for.</summary>
internal sealed class ContainerResources
{
    public string Name { get; set; } = "";

    /// <summary><c>resources.requests</c>.</summary>
    public ResourceList? Requests { get; set; }

    /// <summary><c>resources.limits</c>.</summary>
    public ResourceList? Limits { get; set; }

    /// <summary><c>restartPolicy</c>; empty for a container that follows its pod.</summary>
    public string RestartPolicy { get; set; } = "";

    /// <summary>Restarts for as long as the pod runs; means something for init containers only.</summary>
    public bool IsSidecar => RestartPolicy == "Always";
}

/// <summary>What the kubelet reports of one container.</summary>
internal sealed class ContainerResourceStatus
{
    public string Name { get; set; } = "";

    /// <summary><c>allocatedResources</c>.</summary>
    public ResourceList? Allocated { get; set; }

    /// <summary><c>resources.requests</c>, empty if <c>resources</c> has none; null when there is no <c>resources</c>.</summary>
    public ResourceList? Actuated { get; set; }
}
