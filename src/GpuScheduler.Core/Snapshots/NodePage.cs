using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Sharing;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// The columns of <see cref="RowCount"/> consecutive node rows. A page never changes once published; the next snapshot shares every
/// column that did not change. All columns are <see cref="RowCount"/> long (rows without a node hold zeros and are not in
/// <see cref="Live"/>), so a kernel never has a tail, and every array stays far below the large-object threshold.
/// </summary>
public sealed class NodePage
{
    /// <summary>log₂ of <see cref="RowCount"/>.</summary>
    public const int Shift = 8;

    /// <summary>Rows in a page.</summary>
    public const int RowCount = 1 << Shift;

    /// <summary>Selects the slot of a row within its page.</summary>
    public const int RowMask = RowCount - 1;

    /// <summary>64-row words in a bitmap over a page.</summary>
    public const int BitmapWords = RowCount / 64;

    /// <summary>Devices a node may have in <see cref="DeviceFreeMilli"/>; further ones are counted but not told apart.</summary>
    public const int MaxDevices = 16;

    /// <summary>Rows whose generations lie one after the other.</summary>
    internal const int GenerationsTogether = GroupedColumn<long>.GroupRows;

    /// <summary>In <see cref="GpuClosed"/>: a pod has the node's GPUs exclusively.</summary>
    public const int ClosedByPod = 1;

    /// <summary>In <see cref="GpuClosed"/>: a condition of the node says that its GPUs are not healthy.</summary>
    public const int ClosedByCondition = 2;

    /// <summary>In <see cref="GpuClosed"/>: the node is kept for a gang. The bits above say for which (<see cref="SnapshotTables.Reservations"/>).</summary>
    public const int ClosedByReservation = 4;

    /// <summary>Where in <see cref="GpuClosed"/> the id of the reservation begins.</summary>
    internal const int ReservationShift = 3;

    internal static readonly int[] Zeros = new int[RowCount];
    internal static readonly GroupedColumn<long> NoGenerations = new(perRow: 1);
    internal static readonly GroupedColumn<ushort> NoDevices = new(MaxDevices);
    internal static readonly GroupedColumn<int> NoDeviceMemory = new(MaxDevices);
    internal static readonly GroupedColumn<byte> NoDeviceTasks = new(MaxDevices);
    internal static readonly GroupedColumn<ushort> NoMigMasks = new(MaxDevices);
    internal static readonly GroupedColumn<PlacedPod[]?> NoPods = new(perRow: 1);

    internal NodePage(int firstRow)
    {
        FirstRow = firstRow;
        LiveWords = new ulong[BitmapWords];
        FreeColumns = [];
        AllocatableColumns = [];
        DomainColumns = [];
        NodeRows = new NodeRow?[RowCount];
    }

    internal NodePage(NodePage other)
    {
        FirstRow = other.FirstRow;
        Generation = other.Generation;
        LiveWords = other.LiveWords;
        FreeColumns = other.FreeColumns;
        AllocatableColumns = other.AllocatableColumns;
        DomainColumns = other.DomainColumns;
        OpennessColumn = other.OpennessColumn;
        GpuCountColumn = other.GpuCountColumn;
        GpuWholeFreeColumn = other.GpuWholeFreeColumn;
        GpuMaxFreeMilliColumn = other.GpuMaxFreeMilliColumn;
        GpuFreeMilliColumn = other.GpuFreeMilliColumn;
        ModelIdColumn = other.ModelIdColumn;
        GpuMemoryMiBColumn = other.GpuMemoryMiBColumn;
        TaintSetIdColumn = other.TaintSetIdColumn;
        GpuPodsColumn = other.GpuPodsColumn;
        GpuClosedColumn = other.GpuClosedColumn;
        RowGenerationColumn = other.RowGenerationColumn;
        DeviceColumn = other.DeviceColumn;
        SharingColumn = other.SharingColumn;
        GpuMaxFreeMemoryColumn = other.GpuMaxFreeMemoryColumn;
        DeviceMemoryColumn = other.DeviceMemoryColumn;
        DeviceFreeMemoryColumn = other.DeviceFreeMemoryColumn;
        DeviceFreeCoresColumn = other.DeviceFreeCoresColumn;
        DeviceFreeTasksColumn = other.DeviceFreeTasksColumn;
        MigObstacleColumn = other.MigObstacleColumn;
        MigGpusColumn = other.MigGpusColumn;
        MigMediaColumn = other.MigMediaColumn;
        MigGeometryIdColumn = other.MigGeometryIdColumn;
        MigMaskColumn = other.MigMaskColumn;
        MigPlaceableColumns = other.MigPlaceableColumns;
        NodeRows = other.NodeRows;
        PodRows = other.PodRows;
    }

    /// <summary>
    /// The snapshot generation in which anything in this page but <see cref="Pods"/> last changed; a cached answer stamped with it is still true. What pods
    /// hold is in the columns: one that only moves on in its life (its bind comes back, its status changes) leaves the generation where it is.
    /// </summary>
    public long Generation { get; internal set; }

    /// <summary>
    /// The same per row: the snapshot generation in which anything of the row last changed. Of a page that changed, usually one row did, and
    /// whoever keeps numbers per row need compute only that one anew.
    /// </summary>
    public long RowGeneration(int rowInPage) => RowGenerationColumn[rowInPage][0];

    /// <summary><see cref="RowGeneration"/> of <see cref="GenerationsTogether"/> rows one after the other.</summary>
    /// <param name="group">Which of the <see cref="RowCount"/> / <see cref="GenerationsTogether"/> in the page.</param>
    internal ReadOnlySpan<long> RowGenerations(int group) => RowGenerationColumn.Group(group);

    /// <summary>The row number of this page's first row.</summary>
    public int FirstRow { get; }

    /// <summary>Bit i of word i/64 is set where row i holds a node.</summary>
    public ReadOnlySpan<ulong> Live => LiveWords;

    /// <summary>
    /// What is left of a resource per row: allocatable less requested, in the resource's column unit; negative on an over-committed node,
    /// all zeros for a resource no node of this page offers.
    /// </summary>
    public ReadOnlySpan<int> Free(int resourceSlot) => Column(FreeColumns, resourceSlot);

    /// <summary>Allocatable amount of a resource per row, in the resource's column unit (<see cref="ResourceNames.UnitOf"/>).</summary>
    public ReadOnlySpan<int> Allocatable(int resourceSlot) => Column(AllocatableColumns, resourceSlot);

    /// <summary>Devices per row that pods can be given whole or in thousandths; 0 for replicas, MIG slices and nodes without GPUs.</summary>
    public ReadOnlySpan<int> GpuCount => GpuCountColumn;

    /// <summary>Devices per row of which nothing is used.</summary>
    public ReadOnlySpan<int> GpuWholeFree => GpuWholeFreeColumn;

    /// <summary>Free thousandths on the emptiest device of each row, 0..1000.</summary>
    public ReadOnlySpan<int> GpuMaxFreeMilli => GpuMaxFreeMilliColumn;

    /// <summary>Free thousandths summed over the devices of each row.</summary>
    public ReadOnlySpan<int> GpuFreeMilli => GpuFreeMilliColumn;

    /// <summary>GPU model per row as an id of the snapshot's model table; 0 where there is none.</summary>
    public ReadOnlySpan<int> ModelId => ModelIdColumn;

    /// <summary>Memory of one GPU per row, in MiB; 0 where unknown.</summary>
    public ReadOnlySpan<int> GpuMemoryMiB => GpuMemoryMiBColumn;

    /// <summary>The set of scheduling-relevant taints per row as an id of the snapshot's taint table; 0 is the empty set.</summary>
    public ReadOnlySpan<int> TaintSetId => TaintSetIdColumn;

    /// <summary>Pods per row that use GPUs of any kind.</summary>
    public ReadOnlySpan<int> GpuPods => GpuPodsColumn;

    /// <summary>Why no further pods that use GPUs may come to a row's node: <see cref="ClosedByPod"/>, <see cref="ClosedByCondition"/>, <see cref="ClosedByReservation"/>; else 0.</summary>
    public ReadOnlySpan<int> GpuClosed => GpuClosedColumn;

    /// <summary>
    /// Devices of a row that a pod could be given whole: those of <see cref="GpuWholeFree"/>, but none of a node that is cordoned or closed to pods with
    /// GPUs. This is what people are told is free. Nodes kept for a gang count: a pod will get them.
    /// </summary>
    public int OpenGpus(int rowInPage) => IsOpen(rowInPage) ? GpuWholeFreeColumn[rowInPage] : 0;

    /// <summary>Whether pods with GPUs may still come to a row's node, if there is room.</summary>
    public bool IsOpen(int rowInPage) =>
        Node(rowInPage) is { Node.IsUnschedulable: false } && (GpuClosedColumn[rowInPage] & (ClosedByPod | ClosedByCondition)) == 0;

    /// <summary>Free thousandths (0..1000) of every device of a row, by device index; <see cref="GpuCount"/> long, at most <see cref="MaxDevices"/>.</summary>
    public ReadOnlySpan<ushort> DeviceFreeMilli(int rowInPage) => OfRow(DeviceColumn, rowInPage);

    /// <summary>How the GPUs of each row are shared: a <see cref="SharingDialect"/> as a number.</summary>
    public ReadOnlySpan<int> Sharing => SharingColumn;

    /// <summary>
    /// Free memory on the device of each row that has most of it, in the row's own units (<see cref="NodeDevices.MemoryUnitMiB"/>); 0 where
    /// devices are not shared by memory.
    /// </summary>
    public ReadOnlySpan<int> GpuMaxFreeMemory => GpuMaxFreeMemoryColumn;

    /// <summary>Memory of every device of a row, by index, in the row's own units; zeros where devices are not shared by memory.</summary>
    public ReadOnlySpan<int> DeviceMemory(int rowInPage) => OfRow(DeviceMemoryColumn, rowInPage);

    /// <summary>Free memory of every device of a row, by index, in the row's own units; zeros where devices are not shared by memory.</summary>
    public ReadOnlySpan<int> DeviceFreeMemory(int rowInPage) => OfRow(DeviceFreeMemoryColumn, rowInPage);

    /// <summary>What is left of one device; <paramref name="device"/> is below <see cref="GpuCount"/> and <see cref="MaxDevices"/>.</summary>
    public DeviceRoom Room(int rowInPage, int device) => new(
        DeviceColumn[rowInPage][device],
        DeviceFreeMemoryColumn[rowInPage][device],
        DeviceMemoryColumn[rowInPage][device],
        DeviceFreeCoresColumn[rowInPage][device],
        DeviceFreeTasksColumn[rowInPage][device]);

    /// <summary>What keeps pods with GPUs off each row because of its MIG configuration, as numbers of <see cref="Mig.MigObstacle"/>; 0 for nothing.</summary>
    public ReadOnlySpan<int> MigObstacle => MigObstacleColumn;

    /// <summary>Whether <see cref="MigObstacle"/> is not 0 all over.</summary>
    public bool MayHaveMigObstacles => !ReferenceEquals(MigObstacleColumn, Zeros);

    /// <summary>GPUs per row on which MIG instances are made as pods need them, bit i for GPU i; 0 on all other rows.</summary>
    public ReadOnlySpan<int> MigGpus => MigGpusColumn;

    /// <summary>Those of <see cref="MigGpus"/> whose media engines are taken.</summary>
    public ReadOnlySpan<int> MigMedia => MigMediaColumn;

    /// <summary>The kind of each row's GPUs in MIG mode: 1 + position in <see cref="SnapshotTables.MigGeometries"/>; 0 where not known.</summary>
    public ReadOnlySpan<int> MigGeometryId => MigGeometryIdColumn;

    /// <summary>
    /// Instances of a MIG resource that could still be made on a row of <see cref="MigGpus"/>, all its free room given to them; 0 on all other rows.
    /// </summary>
    public ReadOnlySpan<int> MigPlaceable(int resourceSlot) => Column(MigPlaceableColumns, resourceSlot);

    /// <summary>
    /// Memory slices taken on every GPU of a row, bit i for slice i, by GPU index and <see cref="MaxDevices"/> long. All ones on a GPU that takes no
    /// more because what lies on it cannot be told; 0 where <see cref="MigGpus"/> has no bit.
    /// </summary>
    public ReadOnlySpan<ushort> MigMasks(int rowInPage) => MigMaskColumn[rowInPage];

    /// <summary>The domain of each row at a topology level, as an id of <see cref="SnapshotTables.Domains"/>; 0 where the node lacks the label.</summary>
    public ReadOnlySpan<int> Domain(int level) => Column(DomainColumns, level);

    /// <summary>
    /// How open the network domains of each row are, summed over the levels (<see cref="Snapshots.DomainOpenness"/>): a pod that needs little of a domain does
    /// least harm where it is low. 0 where the node is in none. It changes with other rows, and then counts as a change of this one.
    /// </summary>
    public ReadOnlySpan<int> DomainOpenness => OpennessColumn;

    /// <summary>Whether <see cref="DomainOpenness"/> is not 0 all over.</summary>
    public bool HasOpenness => !ReferenceEquals(OpennessColumn, Zeros);

    /// <summary>The node of a row; null where there is none.</summary>
    public NodeRow? Node(int rowInPage) => NodeRows[rowInPage];

    /// <summary>The pods that hold resources of a row's node.</summary>
    public ReadOnlySpan<PlacedPod> Pods(int rowInPage) => PodRows[rowInPage][0];

    internal ulong[] LiveWords { get; set; }

    internal int[]?[] FreeColumns { get; set; }

    internal int[]?[] AllocatableColumns { get; set; }

    internal int[]?[] DomainColumns { get; set; }

    internal int[] OpennessColumn { get; set; } = Zeros;

    internal int[] GpuCountColumn { get; set; } = Zeros;

    internal int[] GpuWholeFreeColumn { get; set; } = Zeros;

    internal int[] GpuMaxFreeMilliColumn { get; set; } = Zeros;

    internal int[] GpuFreeMilliColumn { get; set; } = Zeros;

    internal int[] ModelIdColumn { get; set; } = Zeros;

    internal int[] GpuMemoryMiBColumn { get; set; } = Zeros;

    internal int[] TaintSetIdColumn { get; set; } = Zeros;

    internal int[] GpuPodsColumn { get; set; } = Zeros;

    /// <summary><see cref="Zeros"/> itself as long as no row is closed: then there is nothing to compare.</summary>
    internal int[] GpuClosedColumn { get; set; } = Zeros;

    internal GroupedColumn<long> RowGenerationColumn { get; set; } = NoGenerations;

    internal GroupedColumn<ushort> DeviceColumn { get; set; } = NoDevices;

    internal int[] SharingColumn { get; set; } = Zeros;

    internal int[] GpuMaxFreeMemoryColumn { get; set; } = Zeros;

    internal GroupedColumn<int> DeviceMemoryColumn { get; set; } = NoDeviceMemory;

    internal GroupedColumn<int> DeviceFreeMemoryColumn { get; set; } = NoDeviceMemory;

    internal GroupedColumn<byte> DeviceFreeCoresColumn { get; set; } = NoDeviceTasks;

    internal GroupedColumn<byte> DeviceFreeTasksColumn { get; set; } = NoDeviceTasks;

    internal int[] MigObstacleColumn { get; set; } = Zeros;

    internal int[] MigGpusColumn { get; set; } = Zeros;

    internal int[] MigMediaColumn { get; set; } = Zeros;

    internal int[] MigGeometryIdColumn { get; set; } = Zeros;

    internal GroupedColumn<ushort> MigMaskColumn { get; set; } = NoMigMasks;

    internal int[]?[] MigPlaceableColumns { get; set; } = [];

    internal NodeRow?[] NodeRows { get; set; }

    internal GroupedColumn<PlacedPod[]?> PodRows { get; set; } = NoPods;

    private ReadOnlySpan<T> OfRow<T>(GroupedColumn<T> column, int rowInPage) => column[rowInPage][..Math.Min(GpuCountColumn[rowInPage], MaxDevices)];

    private static int[] Column(int[]?[] columns, int index) =>
        (uint)index < (uint)columns.Length ? columns[index] ?? Zeros : Zeros;
}
