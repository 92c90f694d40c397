using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>
/// A pod's shape with its resource names turned into the column slots of one snapshot (or of the ledger's working pages). Made by <see cref="ScoringResolver"/> once per
/// request; every page of the snapshot is scored with it.
/// </summary>
public readonly struct ScoringRequest
{
    /// <summary>GPU resources of one pod that scores look at; a pod that asks for still more kinds is scored by the first so many names.</summary>
    public const int MaxGpuResources = 4;

    private readonly GpuAmounts _gpus;
    private readonly int _gpuCount;
    private readonly int[] _otherGpuSlots;
    private readonly int[] _wholeGpuSlots;

    internal ScoringRequest(SnapshotTables tables, PodShape shape, int[] otherGpuSlots, int[] wholeGpuSlots, ReadOnlySpan<GpuAmount> gpus)
    {
        Tables = tables;
        Shape = shape;
        _otherGpuSlots = otherGpuSlots;
        _wholeGpuSlots = wholeGpuSlots;
        _gpuCount = Math.Min(gpus.Length, MaxGpuResources);
        gpus[.._gpuCount].CopyTo(_gpus);
    }

    /// <summary>What the ids in the page's columns mean (resources, models, taints, domains).</summary>
    public SnapshotTables Tables { get; }

    /// <summary>What the pod asks for.</summary>
    public PodShape Shape { get; }

    /// <summary>The GPU resources the pod asks for, by name; empty for a pod without GPUs.</summary>
    [UnscopedRef]
    public ReadOnlySpan<GpuAmount> Gpus => ((ReadOnlySpan<GpuAmount>)_gpus)[.._gpuCount];

    /// <summary>
    /// Slots of all GPU resources of the cluster that are not devices (replicas, MIG slices, shared memory): together with
    /// <see cref="NodePage.GpuCount"/> they tell a node with GPUs from one without.
    /// </summary>
    public ReadOnlySpan<int> OtherGpuSlots => _otherGpuSlots;

    /// <summary>
    /// Slots of all whole-GPU resources: on a row without devices that are told apart (<see cref="NodePage.GpuCount"/> 0) they count replicas or
    /// the slices of the single MIG strategy.
    /// </summary>
    public ReadOnlySpan<int> WholeGpuSlots => _wholeGpuSlots;

    [InlineArray(MaxGpuResources)]
    private struct GpuAmounts
    {
        private GpuAmount _first;
    }
}

/// <summary>An amount of a GPU resource, resolved to the columns it is counted in.</summary>
/// <param name="Slot">
/// The resource's column slot; <see cref="Devices"/> for whole GPUs and thousandths, which are counted on the devices
/// (<see cref="NodePage.GpuCount"/> × 1000 and <see cref="NodePage.GpuFreeMilli"/>); <see cref="Unknown"/> when no node offers it.
/// </param>
/// <param name="Amount">Thousandths of a device for <see cref="Devices"/>, otherwise the resource's column unit.</param>
/// <param name="Name">The resource's name.</param>
public readonly record struct GpuAmount(int Slot, int Amount, string Name)
{
    /// <summary>The slot that stands for the devices themselves.</summary>
    public const int Devices = -2;

    /// <summary>The slot of a resource no node has ever offered; its columns are all zeros.</summary>
    public const int Unknown = -1;
}
