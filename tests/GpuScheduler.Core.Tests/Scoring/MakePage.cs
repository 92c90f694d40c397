using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Tests.Scoring;

/// <summary>
/// Builds a page row by row, past the ledger, so that a test may hold any numbers it likes:
/// <c>new MakePage().Node(cpu: (8000, 2000), gpus: [1000, 250]).Build()</c>. Amounts are (allocatable, free) in column units.
/// </summary>
internal sealed class MakePage
{
    private readonly NodePage _page = new(0);
    private ResourceTable _resources = ResourceTable.Native;
    private int _rows;

    public NodePage Page => _page;

    /// <summary>The next row: CPU in thousandths, memory in MiB, free thousandths of each device, and other resources by name.</summary>
    public MakePage Node(
        (int Allocatable, int Free) cpu = default,
        (int Allocatable, int Free) memory = default,
        int[]? gpus = null,
        params (string Name, int Allocatable, int Free)[] others)
    {
        var row = _rows++;
        Set(ResourceTable.Cpu, row, cpu.Allocatable, cpu.Free);
        Set(ResourceTable.Memory, row, memory.Allocatable, memory.Free);
        foreach (var (name, allocatable, free) in others)
        {
            _resources = _resources.With(name);
            Set(_resources.SlotOf(name), row, allocatable, free);
        }

        foreach (var free in gpus ?? [])
        {
            if (ReferenceEquals(_page.GpuCountColumn, NodePage.Zeros))
            {
                _page.GpuCountColumn = new int[NodePage.RowCount];
                _page.GpuFreeMilliColumn = new int[NodePage.RowCount];
            }

            _page.GpuCountColumn[row]++;
            _page.GpuFreeMilliColumn[row] += free;
        }

        return this;
    }

    public ScoringRequest Resolve(PodShape shape) => new ScoringResolver(GpuResourceCatalog.Default).Resolve(
        new SnapshotTables(_resources, StringTable.Empty, TaintSets.Empty, TopologyLevels.Default, DomainTable.Empty), shape);

    /// <summary>Scores of all rows of the page.</summary>
    public float[] Score(IScoringStrategy strategy, PodShape shape)
    {
        var scores = new float[NodePage.RowCount];
        strategy.Score(_page, Resolve(shape), scores);
        return scores;
    }

    private void Set(int slot, int row, int allocatable, int free)
    {
        var columns = Math.Max(_page.FreeColumns.Length, slot + 1);
        _page.FreeColumns = [.. _page.FreeColumns, .. new int[]?[columns - _page.FreeColumns.Length]];
        _page.AllocatableColumns = [.. _page.AllocatableColumns, .. new int[]?[columns - _page.AllocatableColumns.Length]];
        (_page.FreeColumns[slot] ??= new int[NodePage.RowCount])[row] = free;
        (_page.AllocatableColumns[slot] ??= new int[NodePage.RowCount])[row] = allocatable;
    }
}
