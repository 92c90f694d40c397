using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// The pages the single writer changes in place between two publications. A column that a published page still shares is copied before
/// the first write to it; whether it is shared is simply whether both pages hold the same array.
/// </summary>
internal sealed partial class WorkingPages
{
    private readonly List<NodePage> _working = [];
    private readonly List<NodePage?> _published = [];
    private readonly List<Change> _changes = [];
    private readonly List<int> _versions = [];
    private readonly TopologyLevels? _levels;
    private readonly WorkingDomains _domains;
    private readonly Stack<int> _freeRows = new();
    private int _nextRow;
    private long _nextGeneration = 1;

    /// <summary>No pages.</summary>
    /// <param name="levels">The topology levels of the nodes to come.</param>
    public WorkingPages(TopologyLevels levels) => (_levels, _domains) = (levels, new WorkingDomains());

    /// <summary>Pages that begin as those of a snapshot. They share its columns; a column is copied before the first write to it.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="keepsOpenness">Whether <see cref="NodePage.DomainOpenness"/> is kept true; only who scores pages needs it.</param>
    public WorkingPages(ClusterSnapshot snapshot, bool keepsOpenness)
    {
        foreach (var page in snapshot.Pages)
        {
            _working.Add(new NodePage(page));
            _published.Add(page);
            _changes.Add(Change.None);
            _versions.Add(0);
        }

        (_levels, _domains) = (keepsOpenness ? snapshot.Tables.Levels : null, new WorkingDomains(snapshot.Domains));
        _nextRow = snapshot.Pages.Length * NodePage.RowCount;
        _nextGeneration = snapshot.Generation + 1;
    }

    private WorkingPages(WorkingPages other)
    {
        foreach (var page in other._working)
        {
            _working.Add(new NodePage(page));
            _published.Add(page);
            _changes.Add(Change.None);
        }

        _versions.AddRange(other._versions);
        (_levels, _domains) = (other._levels, other._domains.Fork());
        _nextRow = other._nextRow;
        _nextGeneration = other._nextGeneration;
    }

    /// <summary>Something was written since the last <see cref="Publish"/>.</summary>
    public bool IsDirty => _changes.Exists(change => change != Change.None);

    public NodePage PageOf(int row) => _working[row >> NodePage.Shift];

    /// <summary>How many pages there are.</summary>
    public int PageCount => _working.Count;

    /// <summary>Counts the writes to a page: as long as it stands still, so does the page.</summary>
    public int VersionOf(int index) => _versions[index];

    /// <summary>The topology domains as they are now.</summary>
    public DomainCapacity Domains() => _domains.Publish();

    /// <summary>The same pages once more. They share columns: from here on only one of the two may be written to.</summary>
    public WorkingPages Fork() => new(this);

    /// <summary>A row that no node uses; its page is made when it is the first.</summary>
    public int TakeRow()
    {
        var row = _freeRows.Count > 0 ? _freeRows.Pop() : _nextRow++;
        if (row >> NodePage.Shift == _working.Count)
        {
            _working.Add(new NodePage(row));
            _published.Add(null);
            _changes.Add(Change.Numbers);
            _versions.Add(0);
        }

        return row;
    }

    public void ReleaseRow(int row) => _freeRows.Push(row);

    /// <summary>
    /// The pages as they are now, stamped with <paramref name="generation"/> where they changed since the last call; generations count up by one.
    /// </summary>
    public NodePage[] Publish(long generation)
    {
        var pages = new NodePage[_working.Count];
        for (var i = 0; i < pages.Length; i++)
        {
            if (_changes[i] != Change.None)
            {
                if (_changes[i] == Change.Numbers) _working[i].Generation = generation;
                _published[i] = _working[i];
                _working[i] = new NodePage(_working[i]);
                _changes[i] = Change.None;
            }

            pages[i] = _published[i]!;
        }

        _nextGeneration = generation + 1;
        return pages;
    }

    public void SetLive(int row, bool live)
    {
        var (page, shared, at) = Open(row);
        var words = page.LiveWords;
        if (ReferenceEquals(words, shared?.LiveWords)) page.LiveWords = words = [.. words];
        var bit = 1UL << (at & 63);
        words[at >> 6] = live ? words[at >> 6] | bit : words[at >> 6] & ~bit;
        if (live) _domains.Join(DomainTable.Cluster, NodeGpus.Of(page, at));
        else _domains.Leave(DomainTable.Cluster, NodeGpus.Of(page, at));
    }

    public void SetNode(int row, NodeRow? node)
    {
        var (page, shared, at) = Open(row);
        if (ReferenceEquals(page.NodeRows, shared?.NodeRows)) page.NodeRows = [.. page.NodeRows];
        page.NodeRows[at] = node;
    }

    /// <summary>Writes who is on a row. What they hold is in the numbers: where those stay, answers made from the page are still true.</summary>
    public void SetPods(int row, PlacedPod[]? pods)
    {
        var index = row >> NodePage.Shift;
        if (_changes[index] == Change.None) _changes[index] = Change.Pods;
        var (page, shared, at) = (_working[index], _published[index], row & NodePage.RowMask);
        page.PodRows = page.PodRows.With(shared?.PodRows, at, [pods]);
    }

    public void SetFree(int row, int slot, int value)
    {
        var (page, shared, at) = Open(row);
        page.FreeColumns = Set(page.FreeColumns, shared?.FreeColumns, slot, at, value);
    }

    public void SetAllocatable(int row, int slot, int value)
    {
        var (page, shared, at) = Open(row);
        page.AllocatableColumns = Set(page.AllocatableColumns, shared?.AllocatableColumns, slot, at, value);
    }

    public void SetLabels(int row, int modelId, int gpuMemoryMiB, int taintSetId)
    {
        var (page, shared, at) = Open(row);
        page.ModelIdColumn = Set(page.ModelIdColumn, shared?.ModelIdColumn, at, modelId);
        page.GpuMemoryMiBColumn = Set(page.GpuMemoryMiBColumn, shared?.GpuMemoryMiBColumn, at, gpuMemoryMiB);
        page.TaintSetIdColumn = Set(page.TaintSetIdColumn, shared?.TaintSetIdColumn, at, taintSetId);
    }

    /// <summary>Writes how many pods use GPUs, and why no further ones may come (<see cref="NodePage.GpuClosed"/>).</summary>
    public void SetGpuPods(int row, int count, int closed)
    {
        var (page, shared, at) = Open(row);
        page.GpuPodsColumn = Set(page.GpuPodsColumn, shared?.GpuPodsColumn, at, count);
        page.GpuClosedColumn = Set(page.GpuClosedColumn, shared?.GpuClosedColumn, at, closed);
    }

    /// <summary>Writes what is left of each device and the columns that sum it up.</summary>
    public void SetDevices(int row, SharingDialect sharing, ReadOnlySpan<DeviceRoom> rooms)
    {
        var (page, shared, at) = Open(row);
        var before = NodeGpus.Of(page, at);
        int whole = 0, max = 0, sum = 0, maxMemory = 0;
        Span<ushort> free = stackalloc ushort[NodePage.MaxDevices];
        for (var device = 0; device < rooms.Length; device++)
        {
            var milli = rooms[device].Milli;
            free[device] = (ushort)milli;
            sum += milli;
            max = Math.Max(max, milli);
            maxMemory = Math.Max(maxMemory, rooms[device].Memory);
            if (milli == GpuDemand.WholeMilli) whole++;
        }

        page.GpuCountColumn = Set(page.GpuCountColumn, shared?.GpuCountColumn, at, rooms.Length);
        page.GpuWholeFreeColumn = Set(page.GpuWholeFreeColumn, shared?.GpuWholeFreeColumn, at, whole);
        page.GpuMaxFreeMilliColumn = Set(page.GpuMaxFreeMilliColumn, shared?.GpuMaxFreeMilliColumn, at, max);
        page.GpuFreeMilliColumn = Set(page.GpuFreeMilliColumn, shared?.GpuFreeMilliColumn, at, sum);
        page.SharingColumn = Set(page.SharingColumn, shared?.SharingColumn, at, (int)sharing);
        page.GpuMaxFreeMemoryColumn = Set(page.GpuMaxFreeMemoryColumn, shared?.GpuMaxFreeMemoryColumn, at, maxMemory);
        page.DeviceColumn = page.DeviceColumn.With(shared?.DeviceColumn, at, free);
        SetMemory(page, shared, at, sharing == SharingDialect.VolcanoVgpu, rooms);
        MoveGpus(page, at, before);
    }

    /// <summary>Takes a placement out of what is left of a row's devices, as a plan does: sums stay true, the last thousandth need not.</summary>
    public void TakeDevices(int row, uint mask, in GpuDemand demand)
    {
        var page = PageOf(row);
        var at = row & NodePage.RowMask;
        Span<DeviceRoom> rooms = stackalloc DeviceRoom[page.DeviceFreeMilli(at).Length];
        for (var device = 0; device < rooms.Length; device++)
        {
            var room = page.Room(at, device);
            rooms[device] = (mask >> device & 1) == 0 ? room : room.Less(demand);
        }

        SetDevices(row, (SharingDialect)page.Sharing[at], rooms);
    }

    /// <summary>Nodes whose devices are not shared by memory have zeros in these columns, which cost nothing.</summary>
    private static void SetMemory(NodePage page, NodePage? shared, int at, bool isVgpu, ReadOnlySpan<DeviceRoom> rooms)
    {
        Span<int> total = stackalloc int[NodePage.MaxDevices];
        Span<int> free = stackalloc int[NodePage.MaxDevices];
        Span<byte> cores = stackalloc byte[NodePage.MaxDevices];
        Span<byte> tasks = stackalloc byte[NodePage.MaxDevices];
        for (var device = 0; device < rooms.Length; device++)
        {
            (total[device], free[device]) = (rooms[device].TotalMemory, rooms[device].Memory);
            if (isVgpu) (cores[device], tasks[device]) = ((byte)rooms[device].CoresPercent, (byte)rooms[device].Tasks);
        }

        page.DeviceMemoryColumn = page.DeviceMemoryColumn.With(shared?.DeviceMemoryColumn, at, total);
        page.DeviceFreeMemoryColumn = page.DeviceFreeMemoryColumn.With(shared?.DeviceFreeMemoryColumn, at, free);
        page.DeviceFreeCoresColumn = page.DeviceFreeCoresColumn.With(shared?.DeviceFreeCoresColumn, at, cores);
        page.DeviceFreeTasksColumn = page.DeviceFreeTasksColumn.With(shared?.DeviceFreeTasksColumn, at, tasks);
    }

    /// <summary>Writes what is known of a row's GPUs in MIG mode, and what could still be made of them.</summary>
    public void SetMig(int row, MigAccount mig, SnapshotTables tables)
    {
        var node = mig.Node;
        Span<ushort> masks = stackalloc ushort[NodePage.MaxDevices];
        masks.Clear();
        var gpus = node.Mode == MigMode.Dynamic ? mig.Gpus : [];
        int media = 0, known = 0;
        foreach (var gpu in gpus)
        {
            masks[gpu.Index] = gpu.IsClosed ? ushort.MaxValue : gpu.Taken.Mask;
            media |= gpu.Taken.MediaTaken ? 1 << gpu.Index : 0;
            known |= 1 << gpu.Index;
        }

        SetMig(row, (int)node.Obstacle, node.Geometry is null ? 0 : tables.MigGeometries.IndexOf(node.Geometry) + 1, known, media, masks);
        foreach (var (resource, profile) in node.Offers)
        {
            var places = 0;
            foreach (var gpu in gpus) places += gpu.IsClosed ? 0 : node.Geometry!.Placeable(gpu.Taken, profile);
            SetMigPlaceable(row, tables.Resources.SlotOf(resource), places);
        }
    }

    /// <summary>Makes the MIG instances of a pod on a row, where there is room for all of them.</summary>
    public void PlaceMig(int row, PodShape shape, Func<MigGeometry, MigValues> valuesOf, SnapshotTables tables)
    {
        var account = MigAccount.Read(PageOf(row), row & NodePage.RowMask);
        if (account.Choose(shape.Mig, valuesOf) is not { } slots) return;
        foreach (var slot in slots) account.TryAdd(slot);
        SetMig(row, account, tables);
    }

    private void SetMig(int row, int obstacle, int geometryId, int gpus, int media, ReadOnlySpan<ushort> masks)
    {
        var (page, shared, at) = Open(row);
        page.MigObstacleColumn = Set(page.MigObstacleColumn, shared?.MigObstacleColumn, at, obstacle);
        page.MigGeometryIdColumn = Set(page.MigGeometryIdColumn, shared?.MigGeometryIdColumn, at, geometryId);
        page.MigGpusColumn = Set(page.MigGpusColumn, shared?.MigGpusColumn, at, gpus);
        page.MigMediaColumn = Set(page.MigMediaColumn, shared?.MigMediaColumn, at, media);
        for (var slot = 0; slot < page.MigPlaceableColumns.Length; slot++) SetMigPlaceable(row, slot, 0);
        page.MigMaskColumn = page.MigMaskColumn.With(shared?.MigMaskColumn, at, masks);
    }

    private void SetMigPlaceable(int row, int slot, int places)
    {
        if (slot < 0) return;
        var (page, shared, at) = Open(row);
        page.MigPlaceableColumns = Set(page.MigPlaceableColumns, shared?.MigPlaceableColumns, slot, at, places);
    }

    /// <summary>Sets every number of a row to zero and takes its node away.</summary>
    public void Clear(int row)
    {
        var page = PageOf(row);
        for (var slot = 0; slot < page.FreeColumns.Length; slot++) SetFree(row, slot, 0);
        for (var slot = 0; slot < page.AllocatableColumns.Length; slot++) SetAllocatable(row, slot, 0);
        for (var level = 0; level < page.DomainColumns.Length; level++) SetDomain(row, level, 0);
        SetLabels(row, 0, 0, 0);
        SetDevices(row, SharingDialect.None, []);
        SetGpuPods(row, 0, closed: 0);
        SetMig(row, 0, 0, 0, 0, new ushort[NodePage.MaxDevices]);
        SetPods(row, null);
        SetNode(row, null);
        SetLive(row, false);
    }

    private (NodePage Page, NodePage? Shared, int At) Open(int row)
    {
        var index = row >> NodePage.Shift;
        _changes[index] = Change.Numbers;
        _versions[index]++;
        var (page, shared, at) = (_working[index], _published[index], row & NodePage.RowMask);
        page.RowGenerationColumn = page.RowGenerationColumn.With(shared?.RowGenerationColumn, at, [_nextGeneration]);
        return (page, shared, at);
    }

    private static int[] Set(int[] column, int[]? shared, int at, int value)
    {
        if (column[at] == value) return column;
        if (ReferenceEquals(column, shared) || ReferenceEquals(column, NodePage.Zeros)) column = [.. column];
        column[at] = value;
        return column;
    }

    private static int[]?[] Set(int[]?[] columns, int[]?[]? shared, int index, int at, int value)
    {
        var current = index < columns.Length ? columns[index] ?? NodePage.Zeros : NodePage.Zeros;
        if (current[at] == value) return columns;
        var sharedColumn = shared is not null && index < shared.Length ? shared[index] : null;
        var changed = Set(current, sharedColumn, at, value);
        if (index < columns.Length && ReferenceEquals(columns[index], changed)) return columns;
        if (index >= columns.Length) Array.Resize(ref columns, index + 1);
        else if (ReferenceEquals(columns, shared)) columns = [.. columns];
        columns[index] = changed;
        return columns;
    }

    /// <summary>What of a page was written since it was published.</summary>
    private enum Change
    {
        None,

        /// <summary>Only who is on its nodes.</summary>
        Pods,

        /// <summary>Anything that answers are made from.</summary>
        Numbers,
    }
}
