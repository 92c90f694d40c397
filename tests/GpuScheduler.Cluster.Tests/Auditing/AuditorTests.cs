using System.Collections;
using System.Reflection;
using GpuScheduler.Cluster.Auditing;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Auditing;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Auditing;

public sealed class AuditorTests : IAsyncLifetime
{
    private static readonly Node Node = MakeNode.Named("n1").Cpu("96").Gpus(4).Build();

    private readonly SnapshotStore _store = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ClusterPump _pump;
    private readonly Auditor _auditor;

    public AuditorTests()
    {
        _pump = new ClusterPump(new ClusterLedger(), _store, _time, NullLogger<ClusterPump>.Instance);
        _auditor = new Auditor(_store, _pump, GpuResourceCatalog.Default, _time, NullLogger<Auditor>.Instance);
    }

    public async Task InitializeAsync()
    {
        await _pump.PostAsync(ClusterChange.NodeUpserted(Node));
        await _pump.FlushAsync(default);
    }

    public async Task DisposeAsync()
    {
        _auditor.Dispose();
        await _pump.DisposeAsync();
    }

    [Fact]
    public async Task AuditAsync_TwoPodsOnOneDevice_IsInTheReport()
    {
        await PutAsync(Holding("a", 1), Holding("b", 1));

        Assert.Equal(1, (await _auditor.AuditAsync(default)).OvercommittedDevices);
        Assert.Equal(1, _auditor.Latest.OvercommittedDevices);
    }

    [Fact]
    public async Task AuditAsync_SumsThatFitNoPods_AreFoundAndMadeAnew()
    {
        await PutAsync(Holding("a", 1));
        await _pump.AskAsync(Spoil, default);

        Assert.Equal([FindingKind.WrongSum], (await _auditor.AuditAsync(default)).Findings.Select(finding => finding.Kind));
        Assert.Empty((await _auditor.AuditAsync(default)).Findings);
    }

    [Fact]
    public async Task AuditAsync_AssumptionThatNeverEnds_IsGivenBack()
    {
        await _pump.AssumeAsync(MakePod.Named("a").Gpus(1).Build(), "n1", default);
        Assert.Empty((await _auditor.AuditAsync(default)).Findings);
        _time.Advance(Auditor.StuckAfter);

        Assert.Equal(FindingKind.StuckAssumption, Assert.Single((await _auditor.AuditAsync(default)).Findings).Kind);
        await _pump.FlushAsync(default);
        Assert.Equal(4, _store.Current.Pages[0].GpuWholeFree[0]);
        Assert.Empty((await _auditor.AuditAsync(default)).Findings);
    }

    /// <summary>As a bug would: a sum that no pod stands behind.</summary>
    private static int Spoil(ClusterLedger ledger)
    {
        var nodes = (IDictionary)typeof(ClusterLedger).GetField("_nodes", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(ledger)!;
        var entry = nodes["n1"]!;
        ((long[])entry.GetType().GetProperty("Requested")!.GetValue(entry)!)[0] += 1000;
        ledger.UpsertNode(Node);
        return 0;
    }

    private static Pod Holding(string name, int device) =>
        MakePod.Named(name).Gpus(1).Annotation(DeviceAnnotation.Key, $$"""[{"index":{{device}},"milli":1000}]""").On("n1").Build();

    private async Task PutAsync(params Pod[] pods)
    {
        foreach (var pod in pods) await _pump.PostAsync(ClusterChange.PodUpserted(pod));
        await _pump.FlushAsync(default);
    }
}
