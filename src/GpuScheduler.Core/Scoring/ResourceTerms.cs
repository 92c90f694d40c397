using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring.Lanes;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>One resource of one page as a kernel reads it.</summary>
/// <param name="name">The resource.</param>
/// <param name="free">Its column of what is free.</param>
/// <param name="allocatable">Its column of what there is.</param>
/// <param name="allocatableScale">Units of <paramref name="free"/> in one of <paramref name="allocatable"/>.</param>
/// <param name="requested">What the pod adds, in units of <paramref name="free"/>.</param>
/// <param name="weight">Its weight.</param>
/// <param name="unless">The term counts only for rows where this column is 0.</param>
internal readonly struct ResourceTerm(
    string name, int[] free, int[] allocatable, float allocatableScale, float requested, float weight, int[]? unless = null)
{
    private readonly int[] _unless = unless ?? NodePage.Zeros;
    private readonly int[] _free = free;
    private readonly int[] _allocatable = allocatable;
    private readonly float _allocatableScale = allocatableScale;
    private readonly float _requested = requested;

    public string Name { get; } = name;

    public float Weight { get; } = weight;

    /// <summary>
    /// Requested with this pod / allocatable, 0..1 (an over-committed row is 1), and the weight where the row offers the resource,
    /// elsewhere 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Utilization<TLanes>(int row, out TLanes weight)
        where TLanes : struct, ILanes<TLanes>
    {
        var zero = TLanes.Create(0);
        var one = TLanes.Create(1);
        var capacity = TLanes.Load(_allocatable, row) * TLanes.Create(_allocatableScale);
        var used = capacity - TLanes.Load(_free, row) + TLanes.Create(_requested);
        weight = TLanes.IfGreater(TLanes.Load(_unless, row), zero, zero, TLanes.IfGreater(capacity, zero, TLanes.Create(Weight), zero));
        return TLanes.Min(used / TLanes.Max(capacity, one), one);
    }

    /// <summary>The same for one row, for people.</summary>
    public string Describe(int row) =>
        $"{Allocatable(row) - _free[row] + _requested:0} of {Allocatable(row):0} with this pod";

    private float Allocatable(int row) => _allocatable[row] * _allocatableScale;
}

/// <summary>
/// CPU, memory and the GPU resources the pod asks for, as far as they carry weight. A GPU resource the pod does not ask for does not count,
/// as in kube-scheduler (<c>noderesources/resource_allocation.go</c>, which bypasses extended resources the pod does not request). Unlike
/// there, a pod without a CPU or memory request counts as asking for none, not for 100m and 200Mi.
/// </summary>
internal struct ResourceTerms
{
    private Terms _terms;
    private int _count;

    public ResourceTerms(NodePage page, in ScoringRequest request, ResourceWeights weights)
    {
        AddColumn(ResourceNames.Cpu, page, ResourceTable.Cpu, request.Shape.CpuMilli, weights.Cpu);
        AddColumn(ResourceNames.Memory, page, ResourceTable.Memory, request.Shape.MemoryMiB, weights.Memory);
        foreach (var (slot, amount, name) in request.Gpus)
        {
            if (slot != GpuAmount.Devices)
            {
                AddColumn(name, page, slot, amount, weights.Gpu);
                continue;
            }

            Add(new ResourceTerm(name, page.GpuFreeMilliColumn, page.GpuCountColumn, GpuDemand.WholeMilli, amount, weights.Gpu));

            // Where no devices are told apart (replicas under the whole resource's name, the single MIG strategy) the resource itself counts.
            if (!request.Shape.Gpu.IsWhole) continue;
            AddColumn(name, page, request.Tables.Resources.SlotOf(name), request.Shape.Gpu.Count, weights.Gpu, page.GpuCountColumn);
        }
    }

    [UnscopedRef]
    public readonly ReadOnlySpan<ResourceTerm> Span => ((ReadOnlySpan<ResourceTerm>)_terms)[.._count];

    private void AddColumn(string name, NodePage page, int slot, int requested, float weight, int[]? unless = null) =>
        Add(new ResourceTerm(name, Column(page.FreeColumns, slot), Column(page.AllocatableColumns, slot), 1, requested, weight, unless));

    private void Add(ResourceTerm term)
    {
        if (term.Weight > 0) _terms[_count++] = term;
    }

    private static int[] Column(int[]?[] columns, int slot) =>
        (uint)slot < (uint)columns.Length ? columns[slot] ?? NodePage.Zeros : NodePage.Zeros;

    [InlineArray(3 + ScoringRequest.MaxGpuResources)]
    private struct Terms
    {
        private ResourceTerm _first;
    }
}
