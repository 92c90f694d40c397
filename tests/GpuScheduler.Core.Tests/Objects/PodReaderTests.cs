using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class PodReaderTests
{
    private const string Full = """
        {"apiVersion":"v1","kind":"Pod",
         "metadata":{"name":"tr\u00e4in-0","namespace":"té\"am","uid":"u-1","resourceVersion":"42","creationTimestamp":"2026-11-20T23:37:43Z",
          "deletionTimestamp":"2026-11-21T00:00:00Z",
          "labels":{"app":"x","training.kubeflow.org/job-name":"bert","kueue.x-k8s.io/queue-name":"q"},
          "annotations":{"note":"quote \" slash / é中 😀","gpu-scheduler.io/gpu-model":"NVIDIA-H100*|NVIDIA-H200","scheduling.k8s.io\/group-name":"g","gpu-fraction":"0.5"},
          "ownerReferences":[{"kind":"Other","name":"o"},{"apiVersion":"batch/v1","kind":"Job","name":"bert","controller":true,"uid":"x"}]},
         "spec":{"nodeName":"n1","schedulerName":"gpu-scheduler","priority":-7,"schedulingGroup":{"podGroupName":"pg","x":[1,{"y":null}]},
          "containers":[{"name":"a","image":"i","env":[{"name":"E","value":"\ud83d\ude00"}],"resources":{"requests":{"cpu":"1500m","memory":1073741824,"nvidia.com\/gpu":"\u0032"},"claims":[]}},null],
          "tolerations":[{"key":"nvidia.com/gpu","operator":"Exists","effect":"NoSchedule"},{"key":"k","value":"v","tolerationSeconds":300}],"affinity":{"deep":[[[{}]]]}},
         "status":{"phase":"Running","nominatedNodeName":"n2","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[{"name":"a","ready":true}]}}
        """;

    [Fact]
    public void Read_FullPod_KeepsWhatPlacementNeeds()
    {
        var pod = Read.Pod(Full);
        Assert.Equal("té\"am/träin-0", pod.FullName);
        Assert.Equal(("u-1", "42", "n1", "n2"), (pod.Uid, pod.ResourceVersion.ToString(), pod.NodeName, pod.NominatedNodeName));
        Assert.Equal(("gpu-scheduler", -7, "pg"), (pod.SchedulerName, pod.Priority, pod.SchedulingGroup));
        Assert.Equal(("Job", "bert"), (pod.ControllerKind, pod.ControllerName));
        Assert.Equal((false, true), (pod.IsTerminal, pod.IsTerminating));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 23, 37, 43, TimeSpan.Zero), pod.CreatedAt);
        Assert.Equal("cpu=1500m memory=1024Mi nvidia.com/gpu=2 model=NVIDIA-H100*|NVIDIA-H200", pod.Shape.ToString());
        Assert.Equal(
            [new Toleration("nvidia.com/gpu", "Exists", "", "NoSchedule"), new Toleration("k", "", "v", "")],
            pod.Shape.Tolerations.ToArray());
        Assert.Equal(["kueue.x-k8s.io/queue-name=q", "training.kubeflow.org/job-name=bert"], Sorted(pod.Labels));
        Assert.Equal(
            ["gpu-fraction=0.5", "gpu-scheduler.io/gpu-model=NVIDIA-H100*|NVIDIA-H200", "scheduling.k8s.io/group-name=g"],
            Sorted(pod.Annotations));
    }

    [Theory]
    [InlineData("Pending", false)]
    [InlineData("Running", false)]
    [InlineData("Succeeded", true)]
    [InlineData("Failed", true)]
    public void Read_Phase_TellsWhetherItHoldsResources(string phase, bool terminal) =>
        Assert.Equal(terminal, Read.Pod($$$"""{"metadata":{"name":"p"},"status":{"phase":"{{{phase}}}"}}""").IsTerminal);

    [Fact]
    public void Read_NullsEverywhere_CountAsAbsent()
    {
        var expected = Read.Describe(Read.Pod("""{"metadata":{"name":"p"}}"""));
        string[] variants =
        [
            """{"metadata":{"name":"p","namespace":null,"uid":null,"labels":null,"annotations":null,"ownerReferences":null,"creationTimestamp":null,"deletionTimestamp":null},"spec":null,"status":null}""",
            """
            {"metadata":{"name":"p","ownerReferences":[null]},"spec":{"nodeName":null,"schedulerName":null,"priority":null,"containers":null,"initContainers":null,
             "tolerations":null,"overhead":null,"resources":null,"schedulingGroup":null},
             "status":{"phase":null,"conditions":null,"containerStatuses":null,"initContainerStatuses":null,"resources":null,"allocatedResources":null,"nominatedNodeName":null}}
            """,
            """{"metadata":{"name":"p"},"spec":{"containers":[null,{"name":null,"resources":null},{"resources":{"requests":null,"limits":null}},{"resources":{"requests":{"cpu":null}}}]}}""",
        ];
        Assert.All(variants, json => Assert.Equal(expected, Read.Describe(Read.Pod(json))));
    }

    [Fact]
    public void Read_HandWrittenPod_IsInDefaultAndKnownByItsName()
    {
        var pod = Read.Pod("""{"metadata":{"name":"p"}}""");
        Assert.Equal(("default", "default/p"), (pod.Namespace, pod.Uid));
    }

    [Fact]
    public void Read_FieldNamesInAnotherCase_AreTheSame() => Assert.Equal(
        "cpu=1000m",
        Read.Pod("""{"Metadata":{"NAME":"p"},"Spec":{"Containers":[{"Resources":{"Requests":{"cpu":"1"}}}]}}""").Shape.ToString());

    [Theory]
    [InlineData("""{"spec":{"containers":[{},{"resources":{"requests":{"nvidia.com/gpu":"abc"}}}]}}""", """spec.containers[1].resources.requests["nvidia.com/gpu"]: 'abc' is not a quantity""")]
    [InlineData("""{"spec":{"initContainers":[{"resources":{"limits":{"cpu":"-1"}}}]}}""", """spec.initContainers[0].resources.limits["cpu"]: -1 is negative""")]
    [InlineData("""{"spec":{"overhead":{"memory":"1e99"}}}""", """spec.overhead["memory"]: '1e99' is too large""")]
    [InlineData("""{"spec":{"containers":[{"resources":{"requests":{"cpu":{"a":1}}}}]}}""", """spec.containers[0].resources.requests["cpu"]: expected a quantity, found an object""")]
    [InlineData("""{"spec":{"containers":{}}}""", "spec.containers: expected an array, found an object")]
    [InlineData("""{"spec":{"containers":["x"]}}""", "spec.containers[0]: expected an object, found a string")]
    [InlineData("""{"spec":[]}""", "spec: expected an object, found an array")]
    [InlineData("""{"spec":{"priority":3000000000}}""", "spec.priority: expected a whole number")]
    [InlineData("""{"spec":{"priority":"1"}}""", "spec.priority: expected a whole number")]
    [InlineData("""{"spec":{"nodeName":7}}""", "spec.nodeName: expected a string, found a number")]
    [InlineData("""{"metadata":{"name":"p","creationTimestamp":"yesterday"}}""", "metadata.creationTimestamp: expected a time")]
    [InlineData("""{"metadata":{"name":"p","labels":{"gpu-memory":true}}}""", """metadata.labels["gpu-memory"]: expected a string, found a boolean""")]
    [InlineData("""{"metadata":{"name":"p","ownerReferences":[{"controller":"yes"}]}}""", "metadata.ownerReferences[0].controller: expected true or false, found a string")]
    [InlineData("""{"metadata":{"name":"\ud800"}}""", "metadata: a string is not valid Unicode text")]
    [InlineData("""{"metadata":{"namespace":"x"}}""", "metadata.name: missing")]
    [InlineData("""{"metadata":{"name":"p"},"spec":{"containers":[{"resources":{"requests":{"nvidia.com/gpu":1,"amd.com/gpu":1}}}]}}""", "spec: a pod cannot request both")]
    [InlineData("""{"metadata":{"name":"p"},"spec":{"containers":[{"resources":{"requests":{"cpu":"1E"}}}]}}""", "spec: cpu: a pod cannot request")]
    [InlineData("[1]", "object: expected an object, found an array")]
    public void Read_WrongField_NamesItsPathAndLeavesTheNextObjectReadable(string bad, string message)
    {
        var json = Encoding.UTF8.GetBytes($$$"""[{{{bad}}},{"metadata":{"name":"next"}}]""");
        var reader = new Utf8JsonReader(json);
        reader.Read();
        reader.Read();
        var pods = new PodReader(GpuResourceCatalog.Default);
        Exception? error = null;
        try
        {
            pods.Read(ref reader);
        }
        catch (FormatException exception)
        {
            error = exception;
        }

        Assert.NotNull(error);
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
        reader.Read();
        Assert.Equal("next", pods.Read(ref reader).Name);
    }

    [Fact]
    public void Read_BodyCutAtAnyByte_IsAnError()
    {
        var bytes = Encoding.UTF8.GetBytes(Full);
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes.AsSpan(0, length).ToArray();
            Assert.ThrowsAny<JsonException>(() => Read.Pod(cut));
        }
    }

    [Fact]
    public void Read_UnfinishedBuffer_IsAnErrorAndNotAPod()
    {
        var bytes = Encoding.UTF8.GetBytes(Full);
        for (var length = 1; length < bytes.Length; length++)
        {
            var cut = bytes.AsSpan(0, length).ToArray();
            Assert.ThrowsAny<JsonException>(() =>
            {
                var reader = new Utf8JsonReader(cut, isFinalBlock: false, state: default);
                Read.Pod(ref reader);
            });
        }
    }

    [Fact]
    public void Read_InputInSegments_IsTheSamePod()
    {
        var bytes = Encoding.UTF8.GetBytes(Full);
        var whole = Read.Describe(Read.Pod(bytes));
        for (var at = 0; at < bytes.Length; at++)
        {
            var reader = new Utf8JsonReader(Segments.Cut(bytes, at, bytes.Length));
            Assert.Equal(whole, Read.Describe(Read.Pod(ref reader)));
        }

        var bytewise = new Utf8JsonReader(Segments.Cut(bytes, 1, 1));
        Assert.Equal(whole, Read.Describe(Read.Pod(ref bytewise)));
    }

    [Fact]
    public void Read_OneReaderOnManyThreads_GivesEachItsPod()
    {
        var pods = new PodReader(GpuResourceCatalog.Default);
        Parallel.For(0, 500, index =>
        {
            var json = Encoding.UTF8.GetBytes($$$$"""{"metadata":{"name":"p{{{{index}}}}"},"spec":{"containers":[{"resources":{"requests":{"cpu":"{{{{index + 1}}}}"}}}]}}""");
            var reader = new Utf8JsonReader(json);
            reader.Read();
            var pod = pods.Read(ref reader);
            Assert.Equal(($"p{index}", (index + 1) * 1000), (pod.Name, pod.Shape.CpuMilli));
        });
    }

    [SkippableFact]
    public void Read_PodsThatKubeSchedulerSent_GiveTheRequestTheirNameTells()
    {
        Skip.If(SharedInput.Path() is null, SharedInput.Missing);
        var shapes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(SharedInput.Path("fixtures", "kube-scheduler-1.36", "node-names")!, "*.json"))
        {
            var reader = new Utf8JsonReader(File.ReadAllBytes(file));
            while (reader.Read() && !(reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("Pod"u8)))
            {
            }

            reader.Read();
            var pod = new PodReader(GpuResourceCatalog.Default).Read(ref reader);
            Assert.Equal(("default", "gpu-scheduler"), (pod.Namespace, pod.SchedulerName));
            shapes[pod.Name] = pod.Shape.ToString();
        }

        Assert.Equal("cpu=1500m memory=1024Mi nvidia.com/gpu=3", shapes["multi-container"]);
        Assert.Equal("cpu=1000m memory=1024Mi nvidia.com/mig-3g.20gb=2", shapes["mig-2x3g"]);
        Assert.Equal("cpu=1000m memory=1024Mi nvidia.com/gpu=8", shapes["whole-8"]);
        Assert.DoesNotContain("nvidia.com", shapes["cpu-only"], StringComparison.Ordinal);
    }

    private static IEnumerable<string> Sorted(IReadOnlyDictionary<string, string> map) =>
        map.Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal);
}
