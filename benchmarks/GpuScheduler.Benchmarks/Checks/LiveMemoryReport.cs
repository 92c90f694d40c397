using System.Diagnostics;
using System.Globalization;
using System.Text;
using GpuScheduler.Cluster.Binding;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Cluster.Live;
using GpuScheduler.Cluster.Pump;
using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>
/// The memory of a whole live cluster: 5,000 nodes and 50,000 pods of about 6 kB each (managedFields and all) listed in pages from a server in
/// another process, read, and published. Goal: below 400 MB at the peak, below 250 MB once settled.
/// </summary>
internal static class LiveMemoryReport
{
    private const int Nodes = 5_000;
    private const int Pods = 50_000;
    private const int PeakGoalMB = 400;
    private const int SettledGoalMB = 250;

    /// <summary>Runs the measurement and prints it; 1 when a goal is missed.</summary>
    public static async Task<int> RunAsync()
    {
        using var server = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["live-memory-server"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            var address = await server.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the server did not start");
            using var api = new HttpKubernetesApi(new ClusterConnection { Server = new Uri(address) });
            var store = new SnapshotStore();
            await using var pump = new ClusterPump(new ClusterLedger(), store, TimeProvider.System, NullLogger<ClusterPump>.Instance);
            var live = new LiveCluster(
                api, pump, GpuResourceCatalog.Default, new LiveClusterOptions(), new Silent(), TimeProvider.System, NullLoggerFactory.Instance,
                new GangBarrier(pump, new GangPlans(new LedgerOptions()), TimeProvider.System, TimeSpan.FromSeconds(10)));
            using var stop = new CancellationTokenSource();
            var clock = Stopwatch.StartNew();
            var running = live.RunAsync(new ServerInfo("v1.30.0", 1, 30, new HashSet<string>()), stop.Token);
            while (!live.IsReady) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
            var loaded = clock.Elapsed;
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            var (peak, settled) = (StatusMB("VmHWM"), StatusMB("VmRSS"));
            var pods = await pump.AskAsync(ledger => ledger.PodCount, default);
            Console.WriteLine($"{store.Current.NodeCount} nodes, {pods} pods listed and published in {loaded.TotalSeconds:0.0} s");
            Console.WriteLine($"peak {peak} MB (goal {PeakGoalMB}), settled {settled} MB (goal {SettledGoalMB})");
            await stop.CancelAsync();
            await running;
            return store.Current.NodeCount == Nodes && pods == Pods && peak < PeakGoalMB && settled < SettledGoalMB ? 0 : 1;
        }
        finally
        {
            server.Kill();
        }
    }

    /// <summary>The other process: pages of generated objects, and watches on which nothing happens.</summary>
    public static async Task<int> ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders(); // nobody reads on after the address: a line for every request would fill the pipe, and the server would wait
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var filler = string.Concat(Enumerable.Repeat("\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"main\\\"}\":{\".\":{},\"f:image\":{}}}},", 60));
        app.MapGet("/api/v1/nodes", context => AnswerAsync(context, "NodeList", Nodes, i =>
            $$$$"""{"metadata":{"name":"n{{{{i}}}}","uid":"n{{{{i}}}}","resourceVersion":"{{{{i + 1}}}}","managedFields":[{"fieldsV1":{{{{{filler}}}}"f:x":{}}}],"labels":{"nvidia.com/gpu.product":"NVIDIA-H100-80GB-HBM3","topology.kubernetes.io/zone":"z{{{{i % 3}}}}"}},"status":{"allocatable":{"cpu":"192","memory":"2Ti","pods":"110","nvidia.com/gpu":"8"}}}"""));
        app.MapGet("/api/v1/pods", context => AnswerAsync(context, "PodList", Pods, i =>
            $$$$"""{"metadata":{"name":"train-{{{{i}}}}","namespace":"team-{{{{i % 50}}}}","uid":"00000000-0000-4000-8000-{{{{i:D12}}}}","resourceVersion":"{{{{i + 1}}}}","managedFields":[{"fieldsV1":{{{{{filler}}}}"f:x":{}}}]},"spec":{"nodeName":"n{{{{i % Nodes}}}}","containers":[{"name":"main","image":"registry/train:1","resources":{"requests":{"cpu":"{{{{1 + (i % 8)}}}}","memory":"{{{{1 + (i % 16)}}}}Gi"},"limits":{"nvidia.com/gpu":"{{{{((i / Nodes) < 8 ? 1 : 0)}}}}"}}}]},"status":{"phase":"Running"}}"""));
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single());
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System);
        return 0;
    }

    private static async Task AnswerAsync(HttpContext context, string kind, int count, Func<int, string> make)
    {
        var query = context.Request.Query;
        if (query.ContainsKey("watch"))
        {
            await context.Response.StartAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        }

        var from = int.Parse(query["continue"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture);
        var to = Math.Min(count, from + int.Parse(query["limit"].FirstOrDefault() ?? $"{count}", CultureInfo.InvariantCulture));
        var next = to < count ? $"{to}" : "";
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($"{{\"kind\":\"{kind}\",\"apiVersion\":\"v1\",\"metadata\":{{\"resourceVersion\":\"{count + 1}\",\"continue\":\"{next}\"}},\"items\":[", Encoding.UTF8);
        for (var i = from; i < to; i++) await context.Response.WriteAsync((i > from ? "," : "") + make(i), Encoding.UTF8);
        await context.Response.WriteAsync("]}", Encoding.UTF8);
    }

    private static int StatusMB(string field) =>
        int.Parse(
            File.ReadLines("/proc/self/status").Single(line => line.StartsWith(field, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture) / 1024;

    private sealed class Silent : IBindObserver
    {
        public void Bound(Pod pod, string nodeName, uint deviceMask)
        {
        }

        public void Refused(Pod pod, string nodeName, string reason)
        {
        }
    }
}
