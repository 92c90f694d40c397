using System.Diagnostics.Metrics;
using System.Text;
using GpuScheduler.Cluster.Events;
using GpuScheduler.Cluster.Live;
using GpuScheduler.Cluster.Nomination;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Auditing;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Packing;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;
using GpuScheduler.Server.Metrics;
using GpuScheduler.Server.Sources;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Server.Tests.Metrics;

/// <summary>Everything that measures, put together as in the service, with a cluster that has all there is to measure.</summary>
internal sealed class MeasuredService : IAsyncDisposable
{
    private readonly Meter _meter = new($"Test {Guid.NewGuid():N}");
    private readonly Telemetry _telemetry;

    public MeasuredService(params IEnumerable<MakeNode> nodes)
    {
        foreach (var node in nodes) Ledger.UpsertNode(node.Build());
        Store.Publish(Ledger.Publish());
        Pump = new ClusterPump(new ClusterLedger(), new SnapshotStore(), Time, NullLogger<ClusterPump>.Instance);
        Calls = new CallMetrics(_meter);
        StateMetrics.Add(_meter, Store, Pump, () => Vitals, () => true);
        AuditMetrics.Add(_meter, () => Audit);
        Packing = new PackingMetrics(_meter);
        ProcessMetrics.Add(_meter);
        DomainMetrics.Add(_meter, Store);
        _ = new CapacityMetrics(_meter, Store, GpuResourceCatalog.Default);
        _telemetry = new Telemetry(_meter, "1.2.3", "");
        Packing.Built(TimeSpan.FromMilliseconds(3), SummaryOf(MakePod.Named("a").Gpus(1).Build().Shape));
    }

    /// <summary>One node rejected by every cause there is.</summary>
    private static int[] RejectedPerCall { get; } = [.. RejectionLabels.Names.Select(name => name.Length > 0 ? 1 : 0)];

    public FakeTimeProvider Time { get; } = new();

    public ClusterLedger Ledger { get; } = new();

    public SnapshotStore Store { get; } = new();

    /// <summary>A writer with nothing to write.</summary>
    public ClusterPump Pump { get; }

    public CallMetrics Calls { get; }

    public PackingMetrics Packing { get; }

    public AuditReport Audit { get; set; } = AuditReport.None;

    public SourceVitals Vitals { get; set; } = new(
        true,
        [new WatchState("nodes", TimeSpan.FromSeconds(3), new(1, 2, 3, 4, 5, 6, 7, 8)), new WatchState("pods", TimeSpan.MaxValue, default)],
        new NominationCounters(1, 2, 3, 4, 5, 6, 7, 8, 9, TimeSpan.FromSeconds(10)), new EventCounters(1, 2, 3, 4, 5, 6));

    /// <summary>What a policy knows that has seen these pods and no others; the most frequent ones on top.</summary>
    public static PackingSummary SummaryOf(params PodShape[] seen)
    {
        var mix = WorkloadMix.Count(seen);
        return new PackingSummary(mix.Shares[..Math.Min(PackingSummary.MaxTop, mix.Shares.Length)].ToArray(), mix.Shares.Length, seen.Length, 0.25, mix.MeanGpuMilli, 1);
    }

    /// <summary>Calls every verb once, well and badly.</summary>
    public void CallAll()
    {
        foreach (var verb in Enum.GetValues<ExtenderVerb>())
        {
            Call(verb, null);
            Call(verb, "malformed request");
        }
    }

    public void Call(ExtenderVerb verb, string? error, int nodesOut = 0) => Calls.CallEnded(new ExtenderCall
    {
        Verb = verb,
        Duration = TimeSpan.FromMilliseconds(0.3),
        Counts = new CallCounts { NodesIn = 1, NodesOut = nodesOut },
        Rejected = RejectedPerCall,
        Shape = null,
        IsShapeKnown = true,
        Generation = 1,
        Error = error,
    });

    public string Text(bool openMetrics = false) => Encoding.UTF8.GetString(_telemetry.Scrape(openMetrics).Span);

    public Exposition Scrape() => Exposition.Parse(Text());

    public async ValueTask DisposeAsync()
    {
        _telemetry.Dispose();
        await Pump.DisposeAsync();
        _meter.Dispose();
    }
}
