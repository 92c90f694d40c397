using System.Globalization;
using GpuScheduler.Cluster.Objects;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;

namespace GpuScheduler.EndToEndTests.Harness;

/// <summary>A control plane with kube-scheduler configured as we ship it, its extender address leading to whichever instance is ready.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const string ServiceAccountToken = "gpu-scheduler-token";
    private const int Parallel = 16;

    private readonly List<SchedulerInstance> _instances = [];
    private readonly ReadyProxy _service;
    private readonly string _kubeconfig;

    private TestCluster(ControlPlane plane)
    {
        Plane = plane;
        _kubeconfig = plane.WriteKubeconfig("gpu-scheduler", ServiceAccountToken);
        _service = new ReadyProxy(ReadyPortAsync);
    }

    public ControlPlane Plane { get; }

    /// <summary>That of the service's own account.</summary>
    public string Kubeconfig => _kubeconfig;

    /// <summary>A control plane with our RBAC and a running kube-scheduler; no instance of ours yet.</summary>
    public static async Task<TestCluster> StartAsync(string assets)
    {
        var cluster = await StartWithoutSchedulerAsync(assets);
        cluster.Plane.StartScheduler(cluster.SchedulerConfiguration(cluster._service.Port));
        return cluster;
    }

    /// <summary>The same before kube-scheduler is started.</summary>
    public static async Task<TestCluster> StartWithoutSchedulerAsync(string assets)
    {
        var plane = await ControlPlane.StartAsync(
            assets, (ServiceAccountToken, "system:serviceaccount:gpu-scheduler:gpu-scheduler", "system:serviceaccounts"));
        await Manifests.ApplyRbacAsync(plane);
        return new TestCluster(plane);
    }

    /// <summary>Starts an instance of ours; it may not be ready yet.</summary>
    public SchedulerInstance StartInstance(string name, bool replicated = false, params IEnumerable<string> settings)
    {
        var instance = SchedulerInstance.Start(Plane, _kubeconfig, name, Ports.Free(), replicated, settings);
        lock (_instances) _instances.Add(instance);
        return instance;
    }

    /// <summary>Starts an instance that also listens by TLS.</summary>
    /// <param name="name">Names its log file.</param>
    /// <param name="tlsPort">Its https port; the http port serves this harness.</param>
    /// <param name="settings">Options, each <c>name=value</c>.</param>
    public SchedulerInstance StartTlsInstance(string name, int tlsPort, params IEnumerable<string> settings)
    {
        var port = Ports.Free();
        var urls = string.Create(CultureInfo.InvariantCulture, $"server.urls=http://127.0.0.1:{port},https://127.0.0.1:{tlsPort}");
        var instance = SchedulerInstance.Start(Plane, _kubeconfig, name, port, replicated: false, [urls, .. settings]);
        lock (_instances) _instances.Add(instance);
        return instance;
    }

    /// <summary>Creates GPU nodes n0, n1, ... as a kubelet would register them.</summary>
    public Task CreateNodesAsync(int count, int gpus) => ForEachAsync(count, i => Plane.CreateAsync("/api/v1/nodes", $$$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"n{{{{i}}}}","labels":{"kubernetes.io/hostname":"n{{{{i}}}}",
         "nvidia.com/gpu.product":"NVIDIA-H100-80GB-HBM3","nvidia.com/gpu.count":"{{{{gpus}}}}","nvidia.com/gpu.memory":"81559"}},
         "status":{"capacity":{"cpu":"96","memory":"1Ti","pods":"110","nvidia.com/gpu":"{{{{gpus}}}}","gpu-scheduler.io/gpu-milli":"{{{{gpus * 1000}}}}"},
         "allocatable":{"cpu":"96","memory":"1Ti","pods":"110","nvidia.com/gpu":"{{{{gpus}}}}","gpu-scheduler.io/gpu-milli":"{{{{gpus * 1000}}}}"},
         "conditions":[{"type":"Ready","status":"True","reason":"Test","message":"","lastHeartbeatTime":null,"lastTransitionTime":null}]}}
        """));

    /// <summary>Creates nodes n0, n1, ... as the gpushare device plugin makes them: every device has <paramref name="memory"/> units.</summary>
    public Task CreateGpuShareNodesAsync(int count, int gpus, int memory) => ForEachAsync(count, i => Plane.CreateAsync("/api/v1/nodes", $$$$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"n{{{{i}}}}","labels":{"kubernetes.io/hostname":"n{{{{i}}}}"}},
         "status":{"capacity":{"cpu":"96","memory":"1Ti","pods":"110","aliyun.com/gpu-count":"{{{{gpus}}}}","aliyun.com/gpu-mem":"{{{{gpus * memory}}}}"},
         "allocatable":{"cpu":"96","memory":"1Ti","pods":"110","aliyun.com/gpu-count":"{{{{gpus}}}}","aliyun.com/gpu-mem":"{{{{gpus * memory}}}}"},
         "conditions":[{"type":"Ready","status":"True","reason":"Test","message":"","lastHeartbeatTime":null,"lastTransitionTime":null}]}}
        """));

    /// <summary>Creates pods PREFIX0, PREFIX1, ... for our scheduler.</summary>
    public Task CreatePodsAsync(string prefix, int count, Func<int, string> resources) => ForEachAsync(count, i => Plane.CreateAsync("/api/v1/namespaces/default/pods", $$$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{{prefix}}}}{{{{i}}}}"},"spec":{"schedulerName":"gpu-scheduler",
         "containers":[{"name":"main","image":"busybox","resources":{"limits":{ {{{{resources(i)}}}} }}}]}}
        """));

    /// <summary>Creates pod GANG-i of a gang of so many pods, each with so many GPUs.</summary>
    public Task CreateMemberAsync(string gang, int i, int size, int gpus) => Plane.CreateAsync("/api/v1/namespaces/default/pods", $$$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{{gang}}}}-{{{{i}}}}","labels":{"gpu-scheduler.io/gang":"{{{{gang}}}}"},
         "annotations":{"gpu-scheduler.io/gang-size":"{{{{size}}}}"}},"spec":{"schedulerName":"gpu-scheduler",
         "containers":[{"name":"main","image":"busybox","resources":{"limits":{"cpu":"1","memory":"1Gi","nvidia.com/gpu":"{{{{gpus}}}}"}}}]}}
        """);

    /// <summary>How many pods of each gang have a node.</summary>
    public async Task<Dictionary<string, int>> BoundByGangAsync() => (await PodsAsync())
        .GroupBy(pod => pod.Labels.GetValueOrDefault("gpu-scheduler.io/gang", ""))
        .ToDictionary(gang => gang.Key, gang => gang.Count(pod => pod.NodeName is not null));

    /// <summary>Waits until exactly so many pods have a node.</summary>
    public async Task WaitForBoundAsync(int count, TimeSpan limit)
    {
        var bound = 0;
        try
        {
            await Eventually.HoldsAsync($"{count} pods are bound", limit, async () => (bound = (await PodsAsync()).Count(pod => pod.NodeName is not null)) == count);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message} ({bound} are)", late);
        }
    }

    /// <summary>All pods, as the API server has them.</summary>
    public Task<IReadOnlyList<Pod>> PodsAsync() => ListAsync(ResourceType.Pods, new PodObjects(GpuResourceCatalog.Default));

    /// <summary>All nodes, as the API server has them.</summary>
    public Task<IReadOnlyList<Node>> NodesAsync() => ListAsync(ResourceType.Nodes, new NodeObjects(GpuResourceCatalog.Default));

    /// <summary>Fails unless every bound GPU pod names devices of its node, and no device or resource is given out beyond what there is.</summary>
    public async Task AssertNothingOverCommittedAsync()
    {
        var nodes = (await NodesAsync()).ToDictionary(node => node.Name);
        foreach (var onNode in (await PodsAsync()).Where(pod => pod.NodeName is not null).GroupBy(pod => pod.NodeName!))
        {
            var gpus = (int)nodes[onNode.Key].AllocatableOf(GpuResourceCatalog.NvidiaGpu);
            var used = new int[gpus];
            foreach (var pod in onNode)
            {
                if (pod.Shape.Gpu.IsNone) continue;
                Assert.True(DeviceAnnotation.TryRead(pod, gpus, out var mask), $"{pod} on {onNode.Key} names no devices: '{pod.Annotations.GetValueOrDefault(DeviceAnnotation.Key)}'");
                for (var device = 0; device < gpus; device++)
                {
                    if ((mask >> device & 1) != 0) used[device] += pod.Shape.Gpu.MilliPerGpu;
                }
            }

            Assert.All(used, milli => Assert.True(milli <= 1000, $"a device of {onNode.Key} is given out {milli} milli: {string.Join(' ', used)}"));
            foreach (var (resource, allocatable) in nodes[onNode.Key].Allocatable)
            {
                var requested = resource == ResourceNames.Pods ? onNode.Count() : onNode.Sum(pod => Requested(pod, resource));
                Assert.True(requested <= allocatable, $"{onNode.Key}: {requested} of {allocatable} {resource}");
            }
        }
    }

    /// <summary>Fails unless every bound pod names one device in gpushare's annotations and ours alike, with a stamp of its own, and none is given out twice.</summary>
    public async Task AssertGpuShareIsTrueAsync(int gpus, int memory)
    {
        foreach (var onNode in (await PodsAsync()).Where(pod => pod.NodeName is not null).GroupBy(pod => pod.NodeName!))
        {
            var used = new int[gpus];
            var stamps = new HashSet<string>();
            foreach (var pod in onNode)
            {
                var index = int.Parse(pod.Annotations["ALIYUN_COM_GPU_MEM_IDX"], CultureInfo.InvariantCulture);
                Assert.True(DeviceAnnotation.TryRead(pod, gpus, out var mask), $"{pod}: '{pod.Annotations.GetValueOrDefault(DeviceAnnotation.Key)}'");
                Assert.Equal(1u << index, mask);
                Assert.Equal(
                    (pod.Shape.Gpu.Memory.Memory.ToString(CultureInfo.InvariantCulture), memory.ToString(CultureInfo.InvariantCulture), "false"),
                    (pod.Annotations["ALIYUN_COM_GPU_MEM_POD"], pod.Annotations["ALIYUN_COM_GPU_MEM_DEV"], pod.Annotations["ALIYUN_COM_GPU_MEM_ASSIGNED"]));
                Assert.True(stamps.Add(pod.Annotations["ALIYUN_COM_GPU_MEM_ASSUME_TIME"]), $"{pod}: another pod of {onNode.Key} has its stamp");
                used[index] += pod.Shape.Gpu.Memory.Memory;
            }

            Assert.All(used, units => Assert.True(units <= memory, $"a device of {onNode.Key} is given out {units} of {memory}: {string.Join(' ', used)}"));
        }
    }

    /// <summary>Waits until the instance itself finds no difference between its snapshot and the API server's objects.</summary>
    public static Task AssertNoDriftAsync(SchedulerInstance instance) =>
        Eventually.HoldsAsync("the comparer finds no drift", TimeSpan.FromSeconds(30), async () =>
        {
            var drift = await instance.GetAsync("/api/v1/drift");
            return drift.GetProperty("drift").GetArrayLength() == 0;
        });

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances) await instance.DisposeAsync();
        await _service.DisposeAsync();
        await Plane.DisposeAsync();
    }

    private static long Requested(Pod pod, string resource)
    {
        foreach (var (name, amount) in pod.Shape.Requests)
        {
            if (name == resource) return amount;
        }

        return 0;
    }

    private static Task ForEachAsync(int count, Func<int, Task> create) =>
        System.Threading.Tasks.Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Parallel }, async (i, _) => await create(i));

    private async Task<IReadOnlyList<T>> ListAsync<T>(ResourceType resource, IObjectReader<T> reader)
    {
        using var api = Plane.Client();
        var found = new ListCollector<T>();
        var result = await api.ListAllAsync(resource, reader, found, new ListOptions(), default);
        if (!result.IsSuccess) throw new IOException(result.Status.ToString());
        Assert.Empty(found.BadObjects);
        return found.Items;
    }

    /// <summary>The configuration we ship, with the addresses of this test in it.</summary>
    /// <param name="port">Where kube-scheduler finds the extender.</param>
    public string SchedulerConfiguration(int port)
    {
        var file = Plane.Minor < 25 ? "kube-scheduler-v1beta1.yaml" : "kube-scheduler.yaml";
        var shipped = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "scheduler-config", file));
        return string.Join('\n', shipped.Select(line => line.TrimStart() switch
        {
            var text when text.StartsWith("urlPrefix:", StringComparison.Ordinal) || text.StartsWith("- urlPrefix:", StringComparison.Ordinal) =>
                string.Create(CultureInfo.InvariantCulture, $"{line[..line.IndexOf("urlPrefix:", StringComparison.Ordinal)]}urlPrefix: http://127.0.0.1:{port}/scheduler"),
            var text when text.StartsWith("kubeconfig:", StringComparison.Ordinal) => $"  kubeconfig: {Plane.AdminKubeconfig}",
            _ => line,
        }));
    }

    /// <summary>Deletes every pod, and waits until they are gone.</summary>
    public async Task DeletePodsAsync()
    {
        await Plane.DeleteAsync("/api/v1/namespaces/default/pods?gracePeriodSeconds=0");
        await Eventually.HoldsAsync("all pods are gone", TimeSpan.FromMinutes(2), async () => (await PodsAsync()).Count == 0);
    }

    private async Task<int?> ReadyPortAsync()
    {
        SchedulerInstance[] instances;
        lock (_instances) instances = [.. _instances];
        foreach (var instance in instances)
        {
            try
            {
                if (await instance.IsReadyAsync()) return instance.Port;
            }
            catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException)
            {
                // It is not running; another may be.
            }
        }

        return null;
    }
}
