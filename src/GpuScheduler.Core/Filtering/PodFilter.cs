using System.Numerics;
using System.Text;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Filtering;

/// <summary>
/// Decides which nodes can take pods of one shape. Made once per request against the tables of a snapshot; <see cref="Fits"/> answers for
/// a page at a time, <see cref="Check"/> is the same rule for one row and says why not: it is the specification of <see cref="Fits"/>.
/// Resource counting is that of kube-scheduler's NodeResourcesFit (<c>pkg/scheduler/framework/plugins/noderesources/fit.go</c>), taints
/// that of TaintToleration and NodeUnschedulable. Pure.
/// </summary>
public sealed class PodFilter
{
    /// <summary>More resources than this in one request share the last bit of a <see cref="Rejection"/>.</summary>
    private const int MaxBits = 64;

    /// <summary>In <see cref="_slots"/>: checked on the devices, not on the node's sum.</summary>
    private const int OnDevices = -2;

    private readonly SnapshotTables _tables;
    private readonly PodShape _shape;
    private readonly int _closures;
    private readonly int[] _slots;
    private readonly MigFilter? _mig;
    private readonly bool[]? _allowedModels;
    private readonly bool[] _toleratedTaints;
    private readonly bool _toleratesEverything = true;

    /// <summary>Resolves a shape against the tables of a snapshot.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="heedsReservations">False for the pods of a gang that nodes are reserved for, and of those before it.</param>
    public PodFilter(SnapshotTables tables, PodShape shape, bool heedsReservations = true)
    {
        _tables = tables;
        _closures = heedsReservations ? ~0 : NodePage.ClosedByPod | NodePage.ClosedByCondition;
        _shape = shape;
        _slots = new int[shape.Requests.Length];
        for (var i = 0; i < _slots.Length; i++)
        {
            var name = shape.Requests[i].Name;
            _slots[i] = shape.Gpu.IsMemoryShare && SharingDialects.IsOnlyPerDevice(name) ? OnDevices : tables.Resources.SlotOf(name);
        }

        _mig = shape.Mig.IsEmpty ? null : new MigFilter(tables, shape);
        if (shape.Models is { } models)
        {
            _allowedModels = new bool[tables.Models.Count];
            for (var id = 0; id < _allowedModels.Length; id++) _allowedModels[id] = models.Accepts(tables.Models[id]);
        }

        _toleratedTaints = new bool[tables.Taints.Count];
        for (var id = 0; id < _toleratedTaints.Length; id++)
        {
            _toleratedTaints[id] = tables.Taints.FirstUntolerated(id, shape.Tolerations) is null;
            _toleratesEverything &= _toleratedTaints[id];
        }
    }

    /// <summary>Sets the bits of the page's rows whose node can take the pod.</summary>
    /// <param name="page">A page of the snapshot whose tables this filter was made with.</param>
    /// <param name="bits"><see cref="NodePage.BitmapWords"/> words, overwritten.</param>
    public void Fits(NodePage page, Span<ulong> bits)
    {
        page.Live.CopyTo(bits);
        RowBitmap.KeepAtLeast(bits, page.Free(ResourceTable.Pods), 1);
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] == OnDevices) continue;
            if (_slots[i] < 0)
            {
                bits.Clear();
                return;
            }

            RowBitmap.KeepAtLeast(bits, page.Free(_slots[i]), (int)_shape.Requests[i].Amount);
        }

        var gpu = _shape.Gpu;
        if (gpu.IsWhole) RowBitmap.KeepAtLeastUnlessZero(bits, page.GpuWholeFree, gpu.Count, page.GpuCount);
        if (gpu.IsShare) RowBitmap.KeepAtLeast(bits, page.GpuMaxFreeMilli, gpu.MilliPerGpu);
        if (gpu.IsMemoryShare) KeepRoomByMemory(page, gpu, bits);
        if (_shape.RefusesReplicas) RowBitmap.KeepUnequal(bits, page.Sharing, (int)SharingDialect.Replicas);
        if (_shape.UsesGpu && page.MayHaveMigObstacles) RowBitmap.KeepEqual(bits, page.MigObstacle, (int)MigObstacle.None);
        _mig?.Keep(page, bits);
        if (!_toleratesEverything) RowBitmap.KeepAllowed(bits, page.TaintSetId, _toleratedTaints);
        if (_allowedModels is not null) RowBitmap.KeepAllowed(bits, page.ModelId, _allowedModels);
        if (_shape.UsesGpu && !ReferenceEquals(page.GpuClosedColumn, NodePage.Zeros)) RowBitmap.KeepClear(bits, page.GpuClosed, _closures);
        if (_shape.Constraints is not null) KeepConstrained(page, bits);
    }

    /// <summary>Why the node of a row cannot take the pod, or <see cref="Rejection.IsNone"/>.</summary>
    public Rejection Check(NodePage page, int rowInPage)
    {
        if (page.Node(rowInPage) is null) return new Rejection(RejectionCauses.UnknownNode, 0, 0);
        var causes = RejectionCauses.None;
        ulong insufficient = 0, impossible = 0;
        if (page.Free(ResourceTable.Pods)[rowInPage] < 1) causes |= RejectionCauses.TooManyPods;
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_slots[i] == OnDevices) continue;
            var amount = _shape.Requests[i].Amount;
            var bit = 1UL << Math.Min(i, MaxBits - 1);
            if (_slots[i] < 0 || page.Free(_slots[i])[rowInPage] < amount) insufficient |= bit;
            if (_slots[i] < 0 || page.Allocatable(_slots[i])[rowInPage] < amount) impossible |= bit;
        }

        var gpu = _shape.Gpu;
        var devices = page.GpuCount[rowInPage];
        if (gpu.IsWhole && devices > 0 && page.GpuWholeFree[rowInPage] < gpu.Count)
        {
            causes |= devices < gpu.Count ? RejectionCauses.TooFewGpus : RejectionCauses.PartlyUsedGpus;
        }

        if (gpu.IsShare && page.GpuMaxFreeMilli[rowInPage] < gpu.MilliPerGpu)
        {
            causes |= devices == 0 ? RejectionCauses.TooFewGpus : RejectionCauses.NoRoomOnOneGpu;
        }

        if (gpu.IsMemoryShare) causes |= CheckMemory(page, rowInPage, gpu);
        if (_shape.RefusesReplicas && page.Sharing[rowInPage] == (int)SharingDialect.Replicas) causes |= RejectionCauses.Replicas;
        if (_shape.UsesGpu && page.MigObstacle[rowInPage] != (int)MigObstacle.None) causes |= RejectionCauses.MigObstacle;
        if (_mig is not null) causes |= _mig.Check(page, rowInPage);
        if (!_toleratedTaints[page.TaintSetId[rowInPage]]) causes |= RejectionCauses.Taint;
        if (_allowedModels is not null && !_allowedModels[page.ModelId[rowInPage]]) causes |= RejectionCauses.Model;
        var closed = _shape.UsesGpu ? page.GpuClosed[rowInPage] & _closures : 0;
        if ((closed & NodePage.ClosedByPod) != 0) causes |= RejectionCauses.Exclusive;
        if ((closed & NodePage.ClosedByCondition) != 0) causes |= RejectionCauses.Unhealthy;
        if ((closed & NodePage.ClosedByReservation) != 0) causes |= RejectionCauses.Reserved;
        var miss = _shape.Constraints is null ? default : ConstraintCheck.Of(_shape, page, rowInPage);
        if (!miss.IsNone) causes |= RejectionCauses.Constraint;
        return new Rejection(causes, insufficient, impossible & insufficient, miss);
    }

    private void KeepConstrained(NodePage page, Span<ulong> bits)
    {
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
            {
                var bit = BitOperations.TrailingZeroCount(rest);
                if (!ConstraintCheck.Of(_shape, page, (word * 64) + bit).IsNone) bits[word] &= ~(1UL << bit);
            }
        }
    }

    private static void KeepRoomByMemory(NodePage page, in GpuDemand gpu, Span<ulong> bits)
    {
        RowBitmap.KeepEqual(bits, page.Sharing, (int)gpu.Memory.Dialect);
        RowBitmap.KeepAtLeast(bits, page.GpuMaxFreeMemory, Math.Max(1, gpu.Memory.Memory));

        // One device and nothing but memory: the column has said all there is to say.
        if (gpu.Count == 1 && gpu.Memory.Dialect != SharingDialect.VolcanoVgpu) return;
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
            {
                var bit = BitOperations.TrailingZeroCount(rest);
                if (!DeviceChoice.Fits(page, (word * 64) + bit, gpu)) bits[word] &= ~(1UL << bit);
            }
        }
    }

    private static RejectionCauses CheckMemory(NodePage page, int rowInPage, in GpuDemand gpu) =>
        page.Sharing[rowInPage] != (int)gpu.Memory.Dialect ? RejectionCauses.OtherSharing
        : page.GpuCount[rowInPage] < gpu.Count ? RejectionCauses.TooFewGpus
        : !DeviceChoice.Fits(page, rowInPage, gpu) ? RejectionCauses.NoRoomOnOneGpu
        : RejectionCauses.None;

    /// <summary>Where the answer lists a node with this rejection.</summary>
    public static RejectionClass Classify(Rejection rejection)
    {
        const RejectionCauses Never = RejectionCauses.Taint | RejectionCauses.Model | RejectionCauses.TooFewGpus | RejectionCauses.UnknownNode
            | RejectionCauses.OtherSharing | RejectionCauses.Replicas | RejectionCauses.MigObstacle | RejectionCauses.Unhealthy
            | RejectionCauses.Reserved;
        const RejectionCauses OnlyOurs = RejectionCauses.PartlyUsedGpus | RejectionCauses.NoRoomOnOneGpu | RejectionCauses.NoMigPlace
            | RejectionCauses.Constraint | RejectionCauses.Exclusive;
        return rejection.Impossible != 0 || (rejection.Causes & Never) != RejectionCauses.None || rejection.Miss.IsLasting ? RejectionClass.Unresolvable
            : (rejection.Causes & OnlyOurs) != RejectionCauses.None && rejection.Insufficient == 0 ? RejectionClass.OnlyExtenderSees
            : RejectionClass.Resolvable;
    }

    /// <summary>What to put behind every reason: the pod's annotations that mean nothing to us. Empty for nearly all pods.</summary>
    public string Note => string.Concat((_shape.Constraints?.Unknown ?? []).Select(unknown => $", note: {unknown}"));

    /// <summary>The rejection in kube-scheduler's phrasing; several causes are joined with commas.</summary>
    public string Describe(Rejection rejection, NodePage page, int rowInPage)
    {
        var text = new StringBuilder();
        var causes = rejection.Causes;
        if (causes.HasFlag(RejectionCauses.UnknownNode)) Add("node(s) were not known to gpu-scheduler (yet)");
        if (causes.HasFlag(RejectionCauses.Taint)) Add(DescribeTaint(page.TaintSetId[rowInPage]));
        if (causes.HasFlag(RejectionCauses.Model)) Add(DescribeModel(_tables.Models[page.ModelId[rowInPage]]));
        if (causes.HasFlag(RejectionCauses.Replicas)) Add(DescribeReplicas());
        if (causes.HasFlag(RejectionCauses.TooManyPods)) Add("Too many pods");
        var isGpuShare = _shape.Gpu.Memory.Dialect == SharingDialect.GpuShare;
        for (var i = 0; i < _slots.Length; i++)
        {
            if (isGpuShare && _shape.Requests[i].Name == _shape.GpuResource) continue;
            if ((rejection.Insufficient >> Math.Min(i, MaxBits - 1) & 1) != 0) Add($"Insufficient {_shape.Requests[i].Name}");
        }

        if (causes.HasFlag(RejectionCauses.Reserved)) Add(_tables.ReservationOf(page.GpuClosed[rowInPage]));
        if (isGpuShare)
        {
            // In gpushare's own words (pkg/scheduler/gpushare-predicate.go, pkg/cache/nodeinfo.go): people search for them. Without the node's name,
            // which stands beside the reason anyway and would make each node's a reason of its own.
            if (causes.HasFlag(RejectionCauses.OtherSharing)) Add("node(s) not for GPU share, need skip");
            else if (causes.HasFlag(RejectionCauses.NoRoomOnOneGpu)) Add("Insufficient GPU Memory in one device");
            else if (LacksGpuResource(rejection)) Add($"Insufficient {_shape.GpuResource}");
        }
        else if (_shape.GpuResource is not { } resource || !text.ToString().Contains($"Insufficient {resource}", StringComparison.Ordinal))
        {
            if (causes.HasFlag(RejectionCauses.TooFewGpus)) Add($"Insufficient {_shape.GpuResource}");
            if (causes.HasFlag(RejectionCauses.PartlyUsedGpus)) Add($"Insufficient {_shape.GpuResource} (some GPUs are partly used by pods that share them)");
            if (causes.HasFlag(RejectionCauses.OtherSharing)) Add($"node(s) did not share their GPUs by {_shape.GpuResource}");
            if (causes.HasFlag(RejectionCauses.NoRoomOnOneGpu)) Add($"Insufficient {_shape.GpuResource} on one GPU");
        }

        if (causes.HasFlag(RejectionCauses.Exclusive)) Add("node(s) had another pod that has their GPUs exclusively");
        if (causes.HasFlag(RejectionCauses.Unhealthy)) Add("node(s) had a condition that says their GPUs are not healthy");
        if (causes.HasFlag(RejectionCauses.Constraint)) Add(rejection.Miss.Describe(_shape.Constraints!, _shape.Gpu.Count));
        if (causes.HasFlag(RejectionCauses.MigObstacle)) Add(MigObstacles.Describe((MigObstacle)page.MigObstacle[rowInPage]));
        if (causes.HasFlag(RejectionCauses.NoMigPlace)) Add(_mig!.Describe(page, rowInPage));
        return text.ToString();

        void Add(string reason)
        {
            if (text.Length > 0) text.Append(", ");
            text.Append(reason);
        }
    }

    private bool LacksGpuResource(Rejection rejection)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            if (_shape.Requests[i].Name == _shape.GpuResource) return (rejection.Insufficient >> Math.Min(i, MaxBits - 1) & 1) != 0;
        }

        return false;
    }

    private string DescribeReplicas() =>
        (_shape.Constraints?.Replicas == ReplicaUse.Never ? "node(s) had replicas of shared GPUs, which the pod refuses"
            : $"node(s) had replicas of shared GPUs, {_shape.Gpu.Count} of which may be one card")
        + $" (annotation {ConstraintAnnotations.AllowShared}: \"true\" allows it)";

    private string DescribeTaint(int taintSetId) => _tables.Taints.FirstUntolerated(taintSetId, _shape.Tolerations) switch
    {
        { } taint when taint == Taint.Unschedulable => "node(s) were unschedulable",
        { } taint => $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}",
        null => "",
    };

    private static string DescribeModel(string model) =>
        model.Length == 0 ? "GPU model mismatch (node has none)" : $"GPU model mismatch (node has {model})";
}
