using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Gangs;

/// <summary>A ledger with racks and NVLink domains of nodes with eight GPUs, and gangs that wait in it.</summary>
internal sealed class GangCluster
{
    public const string Rack = "network.topology.nvidia.com/leaf";

    public GangCluster(LedgerOptions? options = null)
    {
        var all = options ?? new LedgerOptions();
        Ledger = new ClusterLedger(all);
        Plans = new GangPlans(all);
    }

    public ClusterLedger Ledger { get; }

    public GangPlans Plans { get; }

    /// <summary>Racks r0, r1, ... of NVLink domains r0-c0, ... of nodes r0-c0-n0, ...</summary>
    public static GangCluster Racks(int racks, int cliques, int nodes, int gpus = 8)
    {
        var cluster = new GangCluster();
        for (var r = 0; r < racks; r++)
        {
            for (var c = 0; c < cliques; c++)
            {
                for (var n = 0; n < nodes; n++)
                {
                    cluster.Ledger.UpsertNode(MakeNode.Named($"r{r}-c{c}-n{n}").Cpu("96").Memory("1Ti").Gpus(gpus).Label(Rack, $"r{r}").Label(TopologyLevels.Clique, $"r{r}.c{c}").Build());
                }
            }
        }

        return cluster;
    }

    /// <summary>A pod that takes GPUs of a node.</summary>
    public GangCluster Busy(string node, int gpus)
    {
        Ledger.UpsertPod(MakePod.Named($"busy-{node}-{Ledger.PodCount}").Gpus(gpus).Cpu("1").On(node).Build());
        return this;
    }

    /// <summary>Adds pods PREFIX-0, PREFIX-1, ... of a gang of that name.</summary>
    public Pod[] Gang(string name, int pods, int gpus, Func<MakePod, MakePod>? also = null, int? size = null, int first = 0, int priority = 0)
    {
        var members = Enumerable.Range(first, pods).Select(i => Member(name, i, gpus, size ?? pods, also, priority)).ToArray();
        foreach (var pod in members) Ledger.UpsertPod(pod);
        return members;
    }

    public static Pod Member(string name, int i, int gpus, int size, Func<MakePod, MakePod>? also = null, int priority = 0)
    {
        var pod = MakePod.Named($"{name}-{i}").Cpu("1").Memory("1Gi").Priority(priority).Label("gpu-scheduler.io/gang", name);
        if (gpus > 0) pod = pod.Gpus(gpus);
        if (size > 0) pod = pod.Annotation("gpu-scheduler.io/gang-size", $"{size}");
        return (also?.Invoke(pod) ?? pod).Build();
    }

    public static GangKey Key(string name) => new("gang", "default", name);

    public GangPlan Plan(string name) => Plans.Of(Ledger.Publish(), Key(name))!;

    public GangAssumption Assume(Pod pod, string node) => Ledger.AssumeMember(pod, node, Plans.Of);

    /// <summary>Places a whole gang as planned.</summary>
    public void Start(string name)
    {
        var plan = Plan(name);
        Assert.Equal("", plan.Reason);
        foreach (var pod in plan.Gang.Waiting)
        {
            var assumed = Assume(pod, plan.Places[plan.PlaceOf(pod.Uid)].NodeName);
            Assert.True(assumed.Outcome.IsPlaced, assumed.Outcome.Reason);
        }
    }

    public int FreeGpus()
    {
        var free = 0;
        foreach (var page in Ledger.Publish().Pages)
        {
            foreach (var whole in page.GpuWholeFree) free += whole;
        }

        return free;
    }

    public static string[] NodesOf(GangPlan plan) => [.. plan.Places.Select(place => place.NodeName).Distinct().Order(StringComparer.Ordinal)];
}
