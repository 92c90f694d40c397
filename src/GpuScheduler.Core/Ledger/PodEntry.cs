using System.Collections.ObjectModel;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>Where a pod is in its life, as in kube-scheduler's cache (<c>pkg/scheduler/backend/cache/interface.go</c>).</summary>
public enum PodState
{
    /// <summary>Known, not placed.</summary>
    Waiting,

    /// <summary>Placed by us; the API server has not confirmed it yet.</summary>
    Assumed,

    /// <summary>The API server says it is on its node.</summary>
    Confirmed,
}

/// <summary>The writer's account of one pod.</summary>
internal sealed class PodEntry(Pod pod)
{
    /// <summary>In place of a slot.</summary>
    public const int NoSlot = -1;

    public Pod Pod { get; set; } = pod;

    /// <summary>Its place in <see cref="PodSlots"/>; <see cref="NoSlot"/> while it has none.</summary>
    public int Slot { get; set; } = NoSlot;

    public PodState State { get; set; }

    /// <summary>The node whose resources it holds; null while it waits.</summary>
    public NodeEntry? Node { get; set; }

    /// <summary>What the snapshot shows of it; nothing while it waits.</summary>
    public PlacedPod Placed { get; set; }

    /// <summary>What the Binding of an assumed pod carries; the same again when bind is asked again.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; set; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>When an assumed pod is given up; null while its bind call is under way.</summary>
    public DateTimeOffset? AssumedUntil { get; set; }

    /// <summary>What it says of its gang; null when it belongs to none.</summary>
    public GangMembership? Membership { get; set; }

    /// <summary>The pod that <see cref="Membership"/> was read from.</summary>
    public Pod? MembershipOf { get; set; }

    /// <summary>Its gang; null when it belongs to none.</summary>
    public GangEntry? Gang { get; set; }

    /// <summary>It is no pod but room held for one.</summary>
    public bool IsReservation { get; init; }
}
