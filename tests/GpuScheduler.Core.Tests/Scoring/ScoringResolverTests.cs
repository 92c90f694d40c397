using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Scoring;

public sealed class ScoringResolverTests
{
    private const string Mig1g = "nvidia.com/mig-1g.10gb";

    private readonly ScoringResolver _resolver = new(GpuResourceCatalog.Default);
    private readonly SnapshotTables _tables = SnapshotTables.For(TopologyLevels.Default);

    [Fact]
    public void Resolve_WholeGpus_AreThousandthsOfDevices() => Assert.Equal(
        [new GpuAmount(GpuAmount.Devices, 2000, GpuResourceCatalog.NvidiaGpu)],
        _resolver.Resolve(_tables, MakePod.Named("p").Gpus(2).Shape()).Gpus.ToArray());

    [Fact]
    public void Resolve_GpuMilli_IsThousandthsOfDevices() => Assert.Equal(
        [new GpuAmount(GpuAmount.Devices, 250, GpuResourceCatalog.GpuMilli)],
        _resolver.Resolve(_tables, MakePod.Named("p").GpuMilli(250).Shape()).Gpus.ToArray());

    [Fact]
    public void Resolve_SlicesNoNodeOffers_AreUnknown() => Assert.Equal(
        [new GpuAmount(GpuAmount.Unknown, 3, Mig1g)],
        _resolver.Resolve(_tables, MakePod.Named("p").MigSlices("1g.10gb", 3).Shape()).Gpus.ToArray());

    [Fact]
    public void Resolve_TableThatGrew_FindsTheNewSlots()
    {
        var shape = MakePod.Named("p").MigSlices("1g.10gb", 3).Shape();
        _resolver.Resolve(_tables, shape);
        var resources = _tables.Resources.With("example.com/fpga").With(Mig1g).With(GpuResourceCatalog.NvidiaGpu);
        var request = _resolver.Resolve(_tables with { Resources = resources }, shape);
        Assert.Equal(resources.SlotOf(Mig1g), request.Gpus[0].Slot);
        Assert.Equal([resources.SlotOf(Mig1g)], request.OtherGpuSlots.ToArray());
    }

    [Fact]
    public void Resolve_SharedMemory_LeavesTheAccompanyingCountOut()
    {
        var shape = MakePod.Named("p").Request("volcano.sh/vgpu-memory", "4000").Request("volcano.sh/vgpu-number", "1").Shape();
        Assert.Equal(["volcano.sh/vgpu-memory"], _resolver.Resolve(_tables, shape).Gpus.ToArray().Select(gpu => gpu.Name));
    }

    [Fact]
    public void Resolve_MoreKindsThanScored_TakesTheFirstByName()
    {
        var pod = MakePod.Named("p");
        for (var slices = 7; slices > 0; slices--) pod.MigSlices($"{slices}g.10gb", 1);
        Assert.Equal(
            ["nvidia.com/mig-1g.10gb", "nvidia.com/mig-2g.10gb", "nvidia.com/mig-3g.10gb", "nvidia.com/mig-4g.10gb"],
            _resolver.Resolve(_tables, pod.Shape()).Gpus.ToArray().Select(gpu => gpu.Name));
    }

    [Fact]
    public void Resolve_PodWithoutGpus_HasNone() =>
        Assert.Equal(0, _resolver.Resolve(_tables, MakePod.Named("p").Cpu("1").Shape()).Gpus.Length);
}
