using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Health;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>What a ledger is set up with.</summary>
public sealed record LedgerOptions
{
    /// <summary>Which resources are GPUs.</summary>
    public GpuResourceCatalog Catalog { get; init; } = GpuResourceCatalog.Default;

    /// <summary>The topology levels of the snapshot.</summary>
    public TopologyLevels Levels { get; init; } = TopologyLevels.Default;

    /// <summary>
    /// How long a pod stays assumed after its bind call has ended well without the watch confirming it. kube-scheduler's cache used 30 s until
    /// it dropped expiry; a lost event must not hold a GPU for ever.
    /// </summary>
    public TimeSpan AssumedLifetime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Whether a pod is placed by a kube-scheduler that asks us: only such pods make up gangs. Others may have a gang scheduler of their own.
    /// </summary>
    public Func<Pod, bool> IsOurs { get; init; } = _ => true;

    /// <summary>Node conditions, as <c>TYPE=STATUS</c>, under which no GPU of a node is given out.</summary>
    public IReadOnlyList<string> UnhealthyConditions { get; init; } = DeviceHealth.DefaultConditions;

    /// <summary>Chooses the devices of a placement. Pods' constraints are heeded before any chooser that is set here is asked.</summary>
    public DeviceChooser ChooseDevices
    {
        get;
        init => field = ConstrainedChoice.Over(value);
    } = ConstrainedChoice.Over((page, rowInPage, shape) => DeviceChoice.BestFit(page, rowInPage, shape.Gpu));

    /// <summary>The MIG geometries of GPUs.</summary>
    public MigCatalog MigCatalog { get; init; } = MigCatalog.Default;

    /// <summary>What places on a GPU are worth: by this, GPU and start of MIG instances are chosen.</summary>
    public Func<MigGeometry, MigValues> MigValues { get; init; } = geometry => geometry.NeutralValues;

    /// <summary>
    /// Told of every pod when it comes on record, once per UID and whether or not it has a node: how a packing policy learns the workload, also
    /// from the pods that exist when the process starts (<see cref="Packing.PackingLearner.Arrive"/>).
    /// </summary>
    public Action<PodShape>? PodArrived { get; init; }

    /// <summary>Told when a pod that held a node's resources is gone (<see cref="Packing.PackingLearner.Depart"/>).</summary>
    public Action? PodDeparted { get; init; }

    /// <summary>The same for a ledger in which something is only tried out: nobody is told of its pods.</summary>
    public LedgerOptions ForTrial() => this with { PodArrived = null, PodDeparted = null };
}

/// <summary>Chooses the devices of one row of a page for a pod; a bit mask, 0 when they do not fit.</summary>
public delegate uint DeviceChooser(NodePage page, int rowInPage, PodShape shape);
