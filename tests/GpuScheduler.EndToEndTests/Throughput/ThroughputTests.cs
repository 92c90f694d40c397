using System.Diagnostics;
using System.Globalization;
using System.Text;
using GpuScheduler.EndToEndTests.Harness;
using Xunit.Abstractions;

namespace GpuScheduler.EndToEndTests.Throughput;

/// <summary>
/// How many pods a second a real kube-scheduler places with us and without. A measurement, not a check: it runs only when
/// <c>GPU_SCHEDULER_THROUGHPUT</c> says at how many nodes (<c>1000,5000</c>), and writes its table to the test's output and, where
/// <c>GPU_SCHEDULER_THROUGHPUT_OUT</c> names a file, to its end. <c>GPU_SCHEDULER_THROUGHPUT_ONLY</c> leaves out the arrangements whose names do not have
/// that text, but for the one that all are compared with.
/// </summary>
public sealed class ThroughputTests(ITestOutputHelper output)
{
    private const int GpusPerNode = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly Arrangement[] Arrangements =
    [
        new("no extender, default sampling", SeesAllNodes: false, Shortlist: null),
        new("no extender, all nodes", SeesAllNodes: true, Shortlist: null),
        new("with us, all nodes, shortlist off", SeesAllNodes: true, Shortlist: 0),
        new("with us, all nodes, shortlist 128", SeesAllNodes: true, Shortlist: 128),
        new("with us, all nodes, shortlist 64", SeesAllNodes: true, Shortlist: 64),
        new("with us, all nodes, shortlist 32", SeesAllNodes: true, Shortlist: 32),
        new("with us, all nodes, shortlist 16", SeesAllNodes: true, Shortlist: 16),
        new("with us, all nodes, shortlist 8", SeesAllNodes: true, Shortlist: 8),
        new("with us, all nodes, as shipped", SeesAllNodes: true, Shortlist: 16, Nominates: true),
    ];

    private static readonly Arrangement[] Bursts =
    [
        new("no extender, default sampling", SeesAllNodes: false, Shortlist: null),
        new("no extender, all nodes", SeesAllNodes: true, Shortlist: null),
        new("with us, all nodes, nominations off", SeesAllNodes: true, Shortlist: 16),
        new("with us, all nodes, as shipped", SeesAllNodes: true, Shortlist: 16, Nominates: true),
    ];

    [SkippableFact]
    public async Task AQueueThatStands_WithUsAndWithout()
    {
        foreach (var nodes in NodeCounts())
        {
            await using var cluster = await TestCluster.StartWithoutSchedulerAsync(ControlPlane.RequireAssets());
            await cluster.CreateNodesAsync(nodes, GpusPerNode);
            var table = new Table($"{nodes} nodes, Kubernetes 1.{cluster.Plane.Minor}, one-GPU pods waiting when kube-scheduler starts");
            foreach (var arrangement in Chosen(Arrangements))
            {
                table.Add(arrangement, await QueueAsync(cluster, arrangement, pods: nodes >= 5000 ? 400 : 800));
            }

            Report(table);
        }
    }

    [SkippableFact]
    public async Task ABurstIntoARunningScheduler_WithNominationsAndWithout()
    {
        foreach (var nodes in NodeCounts())
        {
            await using var cluster = await TestCluster.StartWithoutSchedulerAsync(ControlPlane.RequireAssets());
            Skip.If(cluster.Plane.Minor < 24, $"Kubernetes 1.{cluster.Plane.Minor} ignores nominations; 1.24 or later is needed");
            await cluster.CreateNodesAsync(nodes, GpusPerNode);
            var table = new Table($"{nodes} nodes, Kubernetes 1.{cluster.Plane.Minor}, 2,000 one-GPU pods created while kube-scheduler runs");
            foreach (var arrangement in Chosen(Bursts))
            {
                foreach (var result in await BurstsAsync(cluster, arrangement, pods: 2000)) table.Add(arrangement, result);
            }

            Report(table);
        }
    }

    private static async Task<ThroughputResult> QueueAsync(TestCluster cluster, Arrangement arrangement, int pods)
    {
        await cluster.CreatePodsAsync("p", pods, _ => OneGpu);
        await using var instance = await StartAsync(cluster, arrangement);
        var result = await MeasureAsync(cluster, instance, scheduledBefore: 0, pods, Task.CompletedTask);
        await ClearAsync(cluster);
        return result;
    }

    /// <summary>Two bursts one after the other: in the first every process is new, and ours still compiles.</summary>
    private static async Task<ThroughputResult[]> BurstsAsync(TestCluster cluster, Arrangement arrangement, int pods)
    {
        await using var instance = await StartAsync(cluster, arrangement);
        await cluster.CreatePodsAsync("first", 1, _ => OneGpu);
        await cluster.WaitForBoundAsync(1, TimeSpan.FromMinutes(1));
        await cluster.DeletePodsAsync();
        var results = new ThroughputResult[2];
        for (var burst = 0; burst < results.Length; burst++)
        {
            var scheduled = await cluster.Plane.ScheduledCountAsync();
            results[burst] = await MeasureAsync(cluster, instance, scheduled, pods, cluster.CreatePodsAsync($"p{burst}-", pods, _ => OneGpu));
            if (burst + 1 < results.Length) await cluster.DeletePodsAsync();
        }

        await ClearAsync(cluster);
        return results;
    }

    private static async Task<SchedulerInstance?> StartAsync(TestCluster cluster, Arrangement arrangement)
    {
        SchedulerInstance? instance = null;
        if (arrangement.IsExtended)
        {
            instance = cluster.StartInstance("measured", replicated: false, arrangement.Settings);
            await instance.WaitUntilReadyAsync();
        }

        cluster.Plane.StartScheduler(arrangement.Configure(cluster.SchedulerConfiguration(instance?.Port ?? 0)));
        return instance;
    }

    /// <summary>Waits until so many more pods are scheduled, and counts.</summary>
    private static async Task<ThroughputResult> MeasureAsync(TestCluster cluster, SchedulerInstance? instance, int scheduledBefore, int pods, Task creating)
    {
        var watch = Stopwatch.StartNew();
        var before = UsedBy(cluster, instance);
        var decidingBefore = await cluster.Plane.DecidingAsync();
        var (firstCount, firstAt, count) = (0, TimeSpan.Zero, 0);
        await Eventually.HoldsAsync($"{pods} pods are scheduled", Limit, async () =>
        {
            count = await cluster.Plane.ScheduledCountAsync() - scheduledBefore;
            if (firstCount == 0 && count >= pods / 10) (firstCount, firstAt) = (count, watch.Elapsed);
            return count >= pods;
        });
        var seconds = watch.Elapsed.TotalSeconds;
        await creating;
        await cluster.WaitForBoundAsync(pods, TimeSpan.FromMinutes(1));
        var after = UsedBy(cluster, instance);
        var deciding = await cluster.Plane.DecidingAsync() - decidingBefore;
        return new ThroughputResult(
            (count - firstCount) / (seconds - firstAt.TotalSeconds),
            seconds,
            (await cluster.PodsAsync()).Select(pod => pod.NodeName).Distinct(StringComparer.Ordinal).Count(),
            deciding.TotalMilliseconds / pods,
            (after.Scheduler - before.Scheduler).TotalMilliseconds / pods,
            (after.Servers - before.Servers).TotalMilliseconds / pods,
            (after.Us - before.Us).TotalMilliseconds / pods);
    }

    private static async Task ClearAsync(TestCluster cluster)
    {
        await cluster.Plane.StopSchedulerAsync();
        await cluster.DeletePodsAsync();
    }

    private static (TimeSpan Scheduler, TimeSpan Servers, TimeSpan Us) UsedBy(TestCluster cluster, SchedulerInstance? instance) =>
        (cluster.Plane.SchedulerProcessorTime, cluster.Plane.ServersProcessorTime, instance?.ProcessorTime ?? TimeSpan.Zero);

    private static IEnumerable<Arrangement> Chosen(IEnumerable<Arrangement> arrangements)
    {
        var only = Environment.GetEnvironmentVariable("GPU_SCHEDULER_THROUGHPUT_ONLY") ?? "";
        return arrangements.Where(arrangement => arrangement is { IsExtended: false, SeesAllNodes: true } || arrangement.Name.Contains(only, StringComparison.Ordinal));
    }

    private static IEnumerable<int> NodeCounts()
    {
        var text = Environment.GetEnvironmentVariable("GPU_SCHEDULER_THROUGHPUT");
        Skip.If(string.IsNullOrEmpty(text), "GPU_SCHEDULER_THROUGHPUT is not set: it says at how many nodes to measure, e.g. 1000,5000");
        return text!.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture));
    }

    private void Report(Table table)
    {
        var text = table.ToString();
        output.WriteLine(text);
        if (Environment.GetEnvironmentVariable("GPU_SCHEDULER_THROUGHPUT_OUT") is { Length: > 0 } file) File.AppendAllText(file, text);
    }

    private const string OneGpu = "\"cpu\":\"1\",\"memory\":\"1Gi\",\"nvidia.com/gpu\":\"1\"";

    /// <summary>A Markdown table; ratios are to the run without an extender that sees all nodes.</summary>
    private sealed class Table(string title)
    {
        private readonly List<(Arrangement Arrangement, ThroughputResult Result)> _rows = [];

        public void Add(Arrangement arrangement, ThroughputResult result) => _rows.Add((arrangement, result));

        public override string ToString()
        {
            var alone = _rows.First(row => row.Arrangement is { IsExtended: false, SeesAllNodes: true }).Result.PodsPerSecond;
            var text = new StringBuilder($"\n{title}\n\n| | pods/s | against no extender, all nodes | seconds | nodes used | ms a pod kube-scheduler decides | ms of processor a pod: kube-scheduler | API server, etcd | us |\n|---|---|---|---|---|---|---|---|---|\n");
            foreach (var (arrangement, result) in _rows)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {arrangement.Name} | {result.PodsPerSecond:0.0} | {result.PodsPerSecond / alone:0.00} | {result.Seconds:0.0} | {result.NodesUsed} | {result.DecidingMilliseconds:0.00} ");
                text.AppendLine(CultureInfo.InvariantCulture, $"| {result.SchedulerMilliseconds:0.00} | {result.ServersMilliseconds:0.00} | {result.OurMilliseconds:0.00} |");
            }

            return text.ToString();
        }
    }
}
