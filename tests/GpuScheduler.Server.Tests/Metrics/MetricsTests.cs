using GpuScheduler.Core.Auditing;
using GpuScheduler.Core.Packing;
using GpuScheduler.Extender;
using GpuScheduler.Server.Metrics;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Metrics;

public sealed class MetricsTests
{
    [Fact]
    public async Task Capacity_OfSharedAndWholeGpus_AddsUpByModel()
    {
        await using var service = new MeasuredService(
            MakeNode.Named("a").Gpus(4).Model("L40S").Resource("gpu-scheduler.io/gpu-milli", "4000"), MakeNode.Named("b").Gpus(8).Model("H100"));
        service.Ledger.UpsertPod(MakePod.Named("share").GpuMilli(300).On("a").Build());
        service.Ledger.UpsertPod(MakePod.Named("whole").Gpus(2).On("b").Build());
        service.Store.Publish(service.Ledger.Publish());

        var scrape = service.Scrape();

        Assert.Equal(4, scrape["gpu_scheduler_devices"].Samples["model=\"L40S\""]);
        Assert.Equal(0.3, scrape["gpu_scheduler_devices_allocated"].Samples["model=\"L40S\""], 6);
        Assert.Equal(0.7, scrape["gpu_scheduler_devices_fragmented"].Samples["model=\"L40S\""], 6);
        Assert.Equal(3, scrape["gpu_scheduler_devices_whole_free"].Samples["model=\"L40S\""]);
        Assert.Equal(2, scrape["gpu_scheduler_devices_allocated"].Samples["model=\"H100\""]);
        Assert.Equal(0, scrape["gpu_scheduler_devices_fragmented"].Samples["model=\"H100\""]);
        Assert.Equal(8, scrape["gpu_scheduler_resource_allocatable"].Samples["model=\"H100\",resource=\"nvidia.com/gpu\""]);
        Assert.Equal(2, scrape["gpu_scheduler_resource_allocated"].Samples["model=\"H100\",resource=\"nvidia.com/gpu\""]);
    }

    [Fact]
    public async Task Capacity_LastNodeOfAModelLeaves_IsZero()
    {
        await using var service = new MeasuredService(MakeNode.Named("a").Gpus(4).Model("L40S"), MakeNode.Named("b").Gpus(8).Model("H100"));
        Assert.Equal(4, service.Scrape()["gpu_scheduler_devices"].Samples["model=\"L40S\""]);
        service.Ledger.DeleteNode("a");
        service.Store.Publish(service.Ledger.Publish());

        var scrape = service.Scrape();

        Assert.Equal(0, scrape["gpu_scheduler_devices"].Samples["model=\"L40S\""]);
        Assert.Equal(0, scrape["gpu_scheduler_resource_allocatable"].Samples["model=\"L40S\",resource=\"nvidia.com/gpu\""]);
        Assert.Equal(8, scrape["gpu_scheduler_devices"].Samples["model=\"H100\""]);
    }

    [Fact]
    public async Task Overcommitted_NodeThatLostGpus_IsWhatPodsHoldTooMuch()
    {
        await using var service = new MeasuredService(MakeNode.Named("a").Gpus(4).Model("H100"));
        service.Ledger.UpsertPod(MakePod.Named("p").Gpus(4).On("a").Build());
        service.Ledger.UpsertNode(MakeNode.Named("a").Gpus(1).Model("H100").ResourceVersion("2").Build());
        service.Store.Publish(service.Ledger.Publish());

        Assert.Equal(3, service.Scrape()["gpu_scheduler_resource_overcommitted"].Samples["model=\"H100\",resource=\"nvidia.com/gpu\""]);
    }

    [Fact]
    public async Task Cardinality_ManyModelsAndResources_IsBoundedAndLosesNothing()
    {
        await using var service = new MeasuredService(
            Enumerable.Range(0, 200).Select(i => MakeNode.Named($"n{i}").Gpus(2).Model($"model-{i}").MigSlices($"1g.{i}gb", 3)));

        var scrape = service.Scrape();

        Assert.Equal(CapacityMetrics.MostModels, scrape["gpu_scheduler_devices"].Samples.Count);
        Assert.Equal(400, scrape["gpu_scheduler_devices"].Samples.Values.Sum());
        Assert.InRange(
            scrape["gpu_scheduler_resource_allocatable"].Samples.Count, 1, (CapacityMetrics.MostModels + 1) * (CapacityMetrics.MostResources + 1));
        Assert.Equal(200 * (2 + 3), scrape["gpu_scheduler_resource_allocatable"].Samples.Values.Sum());
        Assert.DoesNotContain("overflow", service.Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("n199", service.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Audit_Findings_AreCountedByKindAndAllKindsAreThere()
    {
        await using var service = new MeasuredService();
        service.Audit = new AuditReport(
            7, 8, 2, [new(FindingKind.WrongSum, "n1", null, "a"), new(FindingKind.OvercommittedDevice, "n1", 0, "b"), new(FindingKind.OvercommittedDevice, "n1", 1, "c")]);

        var scrape = service.Scrape();

        Assert.Equal(2, scrape["gpu_scheduler_overcommitted_devices"].Samples[""]);
        Assert.Equal(Enum.GetValues<FindingKind>().Length, scrape["gpu_scheduler_audit_findings"].Samples.Count);
        Assert.Equal(2, scrape["gpu_scheduler_audit_findings"].Samples["kind=\"overcommitted_device\""]);
        Assert.Equal(1, scrape["gpu_scheduler_audit_findings"].Samples["kind=\"wrong_sum\""]);
        Assert.Equal(0, scrape["gpu_scheduler_audit_findings"].Samples["kind=\"stuck_assumption\""]);
    }

    [Fact]
    public async Task Workload_ShapesBeyondTheMostFrequent_AreOther()
    {
        await using var service = new MeasuredService();
        var frequent = MakePod.Named("a").Cpu("4").Gpus(1).Build().Shape;
        service.Packing.Built(TimeSpan.FromSeconds(0.2), MeasuredService.SummaryOf(
            [.. Enumerable.Repeat(frequent, 70), .. Enumerable.Range(1, 30).Select(i => MakePod.Named("b").Cpu($"{i}").Build().Shape)]));

        var scrape = service.Scrape();

        var shares = scrape["gpu_scheduler_workload_share"].Samples;
        Assert.Equal(PackingSummary.MaxTop + 1, shares.Count);
        Assert.Equal(0.7, shares["shape=\"cpu=4000m nvidia.com/gpu=1\""], 6);
        Assert.Equal(0.15, shares["shape=\"other\""], 6);
        Assert.Equal(31, scrape["gpu_scheduler_workload_shapes"].Samples[""]);
        Assert.Equal(100, scrape["gpu_scheduler_workload_observations"].Samples[""]);
        Assert.Equal(0.25, scrape["gpu_scheduler_workload_departures_per_arrival"].Samples[""]);
        Assert.Equal(2, scrape["gpu_scheduler_packing_build_duration_seconds"].Samples["gpu_scheduler_packing_build_duration_seconds_count"]);
    }

    [Fact]
    public async Task Workload_ThatChangesAllTheTime_IsBoundedAndForgetsWhatIsOver()
    {
        await using var service = new MeasuredService();
        for (var day = 0; day < 40; day++)
        {
            service.Packing.Built(TimeSpan.Zero, MeasuredService.SummaryOf(
                [.. Enumerable.Range(1, PackingSummary.MaxTop).Select(i => MakePod.Named("p").Cpu($"{(day * 100) + i}").Build().Shape)]));
            var shares = service.Scrape()["gpu_scheduler_workload_share"].Samples;

            Assert.InRange(shares.Count, 1, PackingSummary.MaxTop + 1);
            Assert.Equal(1, shares.Values.Sum(), 6);
        }

        Assert.DoesNotContain("overflow", service.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calls_EveryVerb_AreCountedByOutcome()
    {
        await using var service = new MeasuredService();
        service.CallAll();
        service.Call(ExtenderVerb.Bind, null, nodesOut: 1);

        var scrape = service.Scrape();

        var duration = scrape["gpu_scheduler_verb_duration_seconds"].Samples;
        Assert.Equal(1, duration["gpu_scheduler_verb_duration_seconds_count{outcome=\"error\",verb=\"filter\"}"]);
        Assert.Equal(2, duration["gpu_scheduler_verb_duration_seconds_count{outcome=\"ok\",verb=\"bind\"}"]);
        Assert.Equal(0, duration["gpu_scheduler_verb_duration_seconds_bucket{outcome=\"ok\",verb=\"filter\",le=\"0.00025\"}"]);
        Assert.Equal(1, duration["gpu_scheduler_verb_duration_seconds_bucket{outcome=\"ok\",verb=\"filter\",le=\"0.0005\"}"]);
        Assert.Equal(1, scrape["gpu_scheduler_binds_total"].Samples["outcome=\"bound\""]);
        Assert.Equal(2, scrape["gpu_scheduler_binds_total"].Samples["outcome=\"refused\""]);
        Assert.Equal(1, scrape["gpu_scheduler_filter_nowhere_total"].Samples[""]);
        Assert.Equal(
            RejectionLabels.Names.Where(name => name.Length > 0).Select(name => $"cause=\"{name}\"").Order(),
            scrape["gpu_scheduler_rejected_nodes_total"].Samples.Keys.Order());
        Assert.Equal(2, scrape["gpu_scheduler_shape_cache_lookups_total"].Samples["result=\"hit\""]);
    }

    [Fact]
    public async Task Calls_WhileCollected_AllocateNothing()
    {
        await using var service = new MeasuredService();
        for (var i = 0; i < 1000; i++) service.CallAll();
        Assert.Equal(0, Allocations.Least(_ =>
        {
            for (var i = 0; i < 100; i++)
            {
                service.Call(ExtenderVerb.Filter, null);
                service.Call(ExtenderVerb.Bind, null);
            }
        }));
    }

    [Fact]
    public async Task Watches_OneNotHeardOfYet_HasNoStaleness()
    {
        await using var service = new MeasuredService();

        var scrape = service.Scrape();

        Assert.Equal(3, Assert.Single(scrape["gpu_scheduler_watch_staleness_seconds"].Samples).Value);
        Assert.Equal(2, scrape["gpu_scheduler_watch_restarts_total"].Samples["resource=\"nodes\""]);
        Assert.Equal(0, scrape["gpu_scheduler_watch_restarts_total"].Samples["resource=\"pods\""]);
    }

    [Fact]
    public async Task SnapshotAge_WhileNothingChanges_Grows()
    {
        await using var service = new MeasuredService();
        await service.Pump.FlushAsync(CancellationToken.None);
        var before = service.Scrape()["gpu_scheduler_snapshot_age_seconds"].Samples[""];
        service.Time.Advance(TimeSpan.FromSeconds(30));
        await service.Pump.FlushAsync(CancellationToken.None);

        Assert.Equal(30, service.Scrape()["gpu_scheduler_snapshot_age_seconds"].Samples[""] - before, 3);
    }

    [Fact]
    public async Task OpenMetrics_Counters_HaveTheSuffixOnSamplesAlone()
    {
        await using var service = new MeasuredService();
        service.CallAll();

        var text = service.Text(openMetrics: true);

        Assert.Contains("# TYPE gpu_scheduler_binds counter\n", text, StringComparison.Ordinal);
        Assert.Contains("\ngpu_scheduler_binds_total{outcome=\"refused\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("# UNIT gpu_scheduler_verb_duration_seconds seconds\n", text, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_WithQuotesAndBackslashes_AreEscaped()
    {
        await using var service = new MeasuredService(MakeNode.Named("a").Gpus(1).Model("""odd "model" \ here"""));

        Assert.Contains("""gpu_scheduler_devices{model="odd \"model\" \\ here"} 1""", service.Text(), StringComparison.Ordinal);
    }
}
