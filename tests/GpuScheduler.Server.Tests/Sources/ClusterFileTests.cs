using GpuScheduler.Core.Gangs;
using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Tests.Sources;

public sealed class ClusterFileTests : IDisposable
{
    private const string Node = """{"kind":"Node","metadata":{"name":"n1","labels":{"a":"b"}},"status":{"allocatable":{"cpu":"8","nvidia.com/gpu":"4"}}}""";
    private const string Pod =
        """{"kind":"Pod","metadata":{"name":"p1","namespace":"team","uid":"u1"},"spec":{"nodeName":"n1","containers":[{"name":"c","resources":{"limits":{"nvidia.com/gpu":"1"}}}]}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-scheduler-").FullName;

    [Fact]
    public void Read_List_TakesNodesAndPodsAndPassesOverTheRest()
    {
        var cluster = Read("c.json", $$$"""{"apiVersion":"v1","items":[{{{Node}}},{"kind":"Service","metadata":{"name":"s"}},{{{Pod}}}],"kind":"List"}""");
        Assert.Equal("n1", Assert.Single(cluster.Nodes).Name);
        Assert.Equal(4, cluster.Nodes[0].AllocatableOf(GpuResourceCatalog.NvidiaGpu));
        Assert.Equal("team/p1", Assert.Single(cluster.Pods).FullName);
        Assert.Empty(cluster.Problems);
    }

    [Theory]
    [InlineData("scheduling.x-k8s.io/v1alpha1", """{"minMember":3}""", PodGroup.Coscheduling)]
    [InlineData("scheduling.volcano.sh/v1beta1", """{"minMember":3}""", PodGroup.Volcano)]
    [InlineData("scheduling.k8s.io/v1alpha2", """{"schedulingPolicy":{"gang":{"minCount":3}}}""", PodGroup.Native)]
    public void Read_PodGroup_SaysWithHowManyPodsItsGangStarts(string apiVersion, string spec, string kind)
    {
        var cluster = Read("c.json", $$$"""{"kind":"PodGroup","spec":{{{spec}}},"apiVersion":"{{{apiVersion}}}","metadata":{"name":"train","namespace":"ml"}} {{{Node}}}""");

        var group = Assert.Single(cluster.PodGroups);
        Assert.Equal((new GangKey(kind, "ml", "train"), 3), (group.Key, group.MinMember));
        Assert.Empty(Read("d.json", $$$"""{"kind":"PodGroup","apiVersion":"example.org/v1","metadata":{"name":"x"}} {{{Node}}}""").PodGroups);
    }

    [Fact]
    public void Read_ItemsWithoutKind_HaveThatOfTheirList()
    {
        var cluster = Read("c.json", """{"kind":"NodeList","items":[{"metadata":{"name":"n1"}},{"metadata":{"name":"n2"}}]}""");
        Assert.Equal(["n1", "n2"], cluster.Nodes.Select(node => node.Name));
    }

    [Fact]
    public void Read_SeveralJsonValues_AreAllRead()
    {
        var cluster = Read("c.json", $"\uFEFF{Node}\n{Pod}");
        Assert.Equal((1, 1), (cluster.Nodes.Count, cluster.Pods.Count));
    }

    [Fact]
    public void Read_YamlDocuments_AreAllRead()
    {
        var cluster = Read(
            "c.yaml",
            """
            apiVersion: v1
            kind: List
            items:
            - kind: Node
              metadata: { name: n1, labels: { quoted: "true", shared: &x yes } }
              status:
                allocatable: { cpu: 8, memory: 4Gi, nvidia.com/gpu: "4" }
            - kind: Node
              metadata: { name: n2, labels: { copy: *x } }
            ---
            kind: Pod
            metadata: { name: p1, namespace: team, uid: u1 }
            spec:
              containers:
              - name: c
                resources: { limits: { nvidia.com/gpu: 1 } }
            ---
            """);
        Assert.Equal(["n1", "n2"], cluster.Nodes.Select(node => node.Name));
        Assert.Equal("true", cluster.Nodes[0].Labels["quoted"]);
        Assert.Equal("yes", cluster.Nodes[1].Labels["copy"]);
        Assert.Equal(8000, cluster.Nodes[0].AllocatableOf(ResourceNames.Cpu));
        Assert.Equal(1, Assert.Single(cluster.Pods).Shape.Gpu.Count);
        Assert.Empty(cluster.Problems);
    }

    [Fact]
    public void Read_YamlInFlowStyle_IsReadThoughItBeginsLikeJson() =>
        Assert.Equal(["n1", "n2"], Read("c.yaml", "{kind: Node, metadata: {name: n1}}\n---\n{kind: Node, metadata: {name: n2}}").Nodes.Select(node => node.Name));

    [Fact]
    public void Read_OneBadObject_IsToldAndTheRestKept()
    {
        var bad = """{"kind":"Pod","metadata":{"name":"bad","namespace":"team","uid":"u2"},"spec":{"containers":[{"resources":{"requests":{"cpu":"many"}}}]}}""";
        var cluster = Read("c.json", $$"""{"kind":"List","items":[{{Node}},{{bad}},7,{{Pod}}]}""");
        Assert.Equal((1, 1), (cluster.Nodes.Count, cluster.Pods.Count));
        var problem = Assert.Single(cluster.Problems);
        Assert.Contains("object 2 (Pod team/bad)", problem, StringComparison.Ordinal);
        Assert.Contains("many", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BadQuantityOfANode_IsToldAndTheNodeKept()
    {
        var cluster = Read("c.json", """{"kind":"Node","metadata":{"name":"n1"},"status":{"allocatable":{"cpu":"x","memory":"1Gi"}}}""");
        Assert.Equal(1024, Assert.Single(cluster.Nodes).AllocatableOf(ResourceNames.Memory));
        Assert.Contains("(Node n1)", Assert.Single(cluster.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c.json", """{"kind":"List","items":[{"kind":"Node","metadata":{"name":"n""", "not valid JSON, or cut off")]
    [InlineData("c.json", "{}", "holds no Node and no Pod")]
    [InlineData("c.yaml", "a: [", "not valid YAML")]
    [InlineData("c.yaml", "a: &a\n  b: *a\n", "nested too deep")]
    [InlineData("c.yaml", "a: &a [x]\n? *a\n: 1\n", "a key is not text")]
    [InlineData("c.yaml", "? [x]\n: 1\n", "a key is not text")]
    [InlineData("c.yaml", "", "holds no Node and no Pod")]
    [InlineData("c.csv", "name,gpu\n", "not an openb node list")]
    public void Read_UnusableFile_SaysWhy(string file, string text, string expected)
    {
        var problem = Assert.Throws<ClusterSourceException>(() => Read(file, text));
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.Contains(file, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Missing_SaysSo() =>
        Assert.Contains("nothing.json", Assert.Throws<ClusterSourceException>(() => ClusterFile.Read(Path.Combine(_folder, "nothing.json"), GpuResourceCatalog.Default)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_OpenbList_MakesNodesAndTellsBadLines()
    {
        var cluster = Read("nodes.csv", "sn,cpu_milli,memory_mib,gpu,model\na,32000,1024,0,\nb,64000,2048,2,P100\nc,x,1,1,T4\nd,1,1\n");
        Assert.Equal(["a", "b"], cluster.Nodes.Select(node => node.Name));
        Assert.Equal("P100", cluster.Nodes[1].Gpu.Model);
        Assert.Equal(2, cluster.Nodes[1].AllocatableOf(GpuResourceCatalog.NvidiaGpu));
        Assert.Equal(2000, cluster.Nodes[1].AllocatableOf(GpuResourceCatalog.GpuMilli));
        Assert.Equal(1000, cluster.Nodes[0].AllocatableOf(ResourceNames.Pods));
        Assert.Contains("line 4: cpu_milli: 'x'", cluster.Problems[0], StringComparison.Ordinal);
        Assert.Contains("line 5", cluster.Problems[1], StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private LoadedCluster Read(string file, string text)
    {
        var path = Path.Combine(_folder, file);
        File.WriteAllText(path, text);
        return ClusterFile.Read(path, GpuResourceCatalog.Default);
    }
}
