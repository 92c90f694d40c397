using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Planning;

/// <summary>
/// A snapshot on which pods are placed in thought. It shares the snapshot's columns and copies one before it first writes to it, so making one
/// costs a few pointers per page. For one thread.
/// </summary>
public sealed class TrialCluster
{
    private readonly WorkingPages _pages;
    private readonly LedgerOptions _options;

    /// <summary>Begins as the snapshot is.</summary>
    /// <param name="snapshot">What holds now.</param>
    /// <param name="options">The options of the ledger that the snapshot comes from.</param>
    /// <param name="isScored">Whether its pages are scored: then what scores go by is kept true.</param>
    public TrialCluster(ClusterSnapshot snapshot, LedgerOptions options, bool isScored = false)
        : this(snapshot, new WorkingPages(snapshot, keepsOpenness: isScored), options)
    {
    }

    private TrialCluster(ClusterSnapshot snapshot, WorkingPages pages, LedgerOptions options) =>
        (Snapshot, _pages, _options) = (snapshot, pages, options);

    /// <summary>The snapshot it began as.</summary>
    public ClusterSnapshot Snapshot { get; }

    /// <summary>How many pages there are.</summary>
    public int PageCount => _pages.PageCount;

    /// <summary>A page as it is with all that was placed. Good until the next placement.</summary>
    public NodePage Page(int index) => _pages.PageOf(index << NodePage.Shift);

    /// <summary>The page that holds a row.</summary>
    public NodePage PageOf(int row) => _pages.PageOf(row);

    /// <summary>Counts the changes of a page: as long as it stands still, so does the page.</summary>
    public int VersionOf(int index) => _pages.VersionOf(index);

    /// <summary>The topology domains with all that was placed.</summary>
    public DomainCapacity Domains => _pages.Domains();

    /// <summary>
    /// The same once more, to try something on. Only one of the two may be written to from here on: they share columns.
    /// </summary>
    public TrialCluster Fork() => new(Snapshot, _pages.Fork(), _options);

    /// <summary>Places a pod on a row if it fits there beside all that was placed before.</summary>
    /// <param name="filter">The filter of that shape, made with the snapshot's tables.</param>
    /// <param name="shape">The pod's shape.</param>
    /// <param name="row">The row.</param>
    public bool TryPlace(PodFilter filter, PodShape shape, int row)
    {
        if (!filter.Check(_pages.PageOf(row), row & NodePage.RowMask).IsNone) return false;
        Place(shape, row);
        return true;
    }

    /// <summary>Takes all pods off a row but those that come with the node (of DaemonSets).</summary>
    /// <param name="row">The row.</param>
    /// <param name="staying">UIDs of pods that stay as well.</param>
    public void Vacate(int row, IReadOnlySet<string> staying)
    {
        var page = _pages.PageOf(row);
        var at = row & NodePage.RowMask;
        if (page.Node(at) is not { } node) return;
        var pods = page.Pods(at).ToArray();
        for (var slot = 0; slot < Snapshot.Tables.Resources.Count; slot++) _pages.SetFree(row, slot, page.Allocatable(slot)[at]);
        Span<DeviceRoom> rooms = stackalloc DeviceRoom[node.Devices.Cards.Length];
        for (var device = 0; device < rooms.Length; device++) rooms[device] = default(DeviceUse).RoomOn(node.Devices.Cards[device]);
        _pages.SetDevices(row, node.Devices.Sharing, rooms);
        _pages.SetGpuPods(row, 0, page.GpuClosed[at] & ~NodePage.ClosedByPod);
        if (page.MigGpus[at] != 0) _pages.SetMig(row, new MigAccount(node.Mig), Snapshot.Tables);
        foreach (var placed in pods)
        {
            if (placed.Pod.ControllerKind == "DaemonSet" || staying.Contains(placed.Pod.Uid)) Place(placed.Pod.Shape, row);
        }
    }

    /// <summary>Places a pod on a row whether or not it fits.</summary>
    public void Place(PodShape shape, int row)
    {
        var page = _pages.PageOf(row);
        var at = row & NodePage.RowMask;
        var mask = shape.Gpu.IsNone || page.GpuCount[at] == 0 ? 0 : _options.ChooseDevices(page, at, shape);
        Take(ResourceTable.Pods, 1);
        foreach (var (name, amount) in shape.Requests)
        {
            var slot = Snapshot.Tables.Resources.SlotOf(name);
            if (slot >= 0) Take(slot, (int)amount);
        }

        if (mask != 0) _pages.TakeDevices(row, mask, shape.Gpu);
        if (shape.UsesGpu)
        {
            _pages.SetGpuPods(row, page.GpuPods[at] + 1, page.GpuClosed[at] | (shape.Constraints is { ExclusiveNode: true } ? NodePage.ClosedByPod : 0));
        }

        if (!shape.Mig.IsEmpty && page.MigGpus[at] != 0) _pages.PlaceMig(row, shape, _options.MigValues, Snapshot.Tables);

        void Take(int slot, int amount) => _pages.SetFree(row, slot, (int)Math.Max((long)page.Free(slot)[at] - amount, int.MinValue));
    }
}
