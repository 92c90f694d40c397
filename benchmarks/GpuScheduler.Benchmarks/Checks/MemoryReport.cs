using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Simulation.Generation;

namespace GpuScheduler.Benchmarks.Checks;

/// <summary>
/// The memory of a big cluster: 15,000 nodes of eight GPUs and 100,000 pods, every object read from JSON as the watch reads it (so that no
/// string is shared that would not be), put into a ledger, and published.
/// </summary>
internal static class MemoryReport
{
    private const int Nodes = 15_000;
    private const int GpusPerNode = 8;
    private const int Pods = 100_000;
    private const double BytesPerMiB = 1024 * 1024;

    // The share of the generated mix that has eight whole GPUs is above a third.
    private const int Generated = Nodes * 3;

    /// <summary>Builds it and prints what it takes.</summary>
    public static int Run()
    {
        // What makes the nodes up is larger than what is measured, so it must be gone before.
        var file = Path.GetTempFileName();
        var names = WriteNodes(file);
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Console.WriteLine($"before: {Resident():f0} MiB resident");
        var ledger = new ClusterLedger();
        Fill(ledger, file, names);
        File.Delete(file);
        var snapshot = ledger.Publish();
        var devices = 0;
        foreach (var page in snapshot.Pages)
        {
            foreach (var count in page.GpuCount) devices += count;
        }

        Console.WriteLine($"{snapshot.NodeCount:n0} nodes, {devices:n0} GPUs, {ledger.PodCount:n0} pods");
        Console.WriteLine($"as it was filled: {Resident():f0} MiB resident, {GC.GetTotalMemory(forceFullCollection: false) / BytesPerMiB:f0} MiB of managed objects, dead ones included");
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Console.WriteLine($"after a full collection: {Resident():f0} MiB resident, {GC.GetTotalMemory(forceFullCollection: true) / BytesPerMiB:f0} MiB of managed objects");
        GC.KeepAlive(ledger);
        GC.KeepAlive(snapshot);
        return 0;
    }

    /// <summary>Writes the nodes to a file, a line each; their names.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string[] WriteNodes(string file)
    {
        var nodes = ClusterGenerator.Generate(Generated, seed: 1).Nodes.Where(node => node.AllocatableOf(GpuResourceCatalog.NvidiaGpu) == GpusPerNode).Take(Nodes).ToArray();
        using var stream = File.Create(file);
        foreach (var node in nodes)
        {
            using (var writer = new Utf8JsonWriter(stream)) NodeWriter.Write(writer, node);
            stream.WriteByte((byte)'\n');
        }

        return [.. nodes.Select(node => new string(node.Name))];
    }

    private static void Fill(ClusterLedger ledger, string file, string[] names)
    {
        var nodeReader = new NodeReader(GpuResourceCatalog.Default);
        var podReader = new PodReader(GpuResourceCatalog.Default);
        var pods = 0;
        foreach (var (number, line) in File.ReadLines(file).Index())
        {
            var json = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
            json.Read();
            ledger.UpsertNode(nodeReader.Read(ref json));

            for (; pods < (long)Pods * (number + 1) / Nodes; pods++)
            {
                var pod = new Utf8JsonReader(Encoding.UTF8.GetBytes(PodOn(names[number], pods)));
                pod.Read();
                ledger.UpsertPod(podReader.Read(ref pod));
            }
        }
    }

    private static string PodOn(string node, int number) => string.Create(CultureInfo.InvariantCulture, $$$"""
        {"metadata":{"name":"train-{{{number / 8}}}-{{{number % 8}}}","namespace":"team-{{{number % 40}}}","uid":"{{{Uid(number)}}}","resourceVersion":"{{{500_000 + number}}}",
         "creationTimestamp":"2026-01-02T03:04:05Z","labels":{"job-name":"train-{{{number / 8}}}","app.kubernetes.io/name":"train"},
         "annotations":{"{{{DeviceAnnotation.Key}}}":"{{{number % 7}}}"},"ownerReferences":[{"apiVersion":"batch/v1","kind":"Job","name":"train-{{{number / 8}}}","uid":"{{{Uid(-number)}}}","controller":true}]},
         "spec":{"nodeName":"{{{node}}}","schedulerName":"gpu-scheduler","priority":0,"tolerations":[{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}],
         "containers":[{"name":"main","image":"registry.example/train:1","resources":{"limits":{"nvidia.com/gpu":"1"},"requests":{"cpu":"{{{8 + (number % 5)}}}","memory":"96Gi","nvidia.com/gpu":"1"} } }]},
         "status":{"phase":"Running"}}
        """);

    private static string Uid(int number) => $"{number:x8}-0000-4000-8000-{number * 31L:x12}"[..36];

    private static double Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64 / BytesPerMiB;
    }
}
