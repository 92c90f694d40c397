using System.Text;

namespace GpuScheduler.Core.Tests.Objects;

public sealed class OtherConstraintsTests
{
    [Theory]
    [InlineData("""{"nodeSelector":{"zone":"a"}}""")]
    [InlineData("""{"NodeSelector":{"zone":""}}""")]
    [InlineData("""{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{}}]}}}""")]
    [InlineData("""{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"zone"}]}}}""")]
    [InlineData("""{"topologySpreadConstraints":[{"maxSkew":1}]}""")]
    [InlineData("""{"schedulingGates":[{"name":"quota"}]}""")]
    [InlineData("""{"resourceClaims":[{"name":"gpu","resourceClaimName":"c"}]}""")]
    [InlineData("""{"volumes":[{"name":"data","persistentVolumeClaim":{"claimName":"c"}}]}""")]
    [InlineData("""{"volumes":[{"name":"a","emptyDir":{}},{"name":"b","csi":{"driver":"d"}}]}""")]
    [InlineData("""{"volumes":[{"name":"a","kindOfTheFuture":{}}]}""")]
    [InlineData("""{"volumes":"what is this"}""")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b","ports":[{"containerPort":80},{"containerPort":81,"hostPort":81}]}]}""")]
    [InlineData("""{"initContainers":[{"ports":[{"hostPort":81}]}]}""")]
    public void Read_SomethingConstrainsThePlacement_IsSeen(string spec) => Assert.True(HasThem(spec));

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"nodeSelector":null,"affinity":null,"topologySpreadConstraints":null,"schedulingGates":null,"resourceClaims":null,"volumes":null}""")]
    [InlineData("""{"nodeSelector":{},"affinity":{"nodeAffinity":{},"podAffinity":null},"topologySpreadConstraints":[],"schedulingGates":[],"volumes":[]}""")]
    [InlineData("""{"volumes":[{"name":"kube-api-access-x","projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}},{"name":"s","emptyDir":{}},null]}""")]
    [InlineData("""{"volumes":[{"name":"a","configMap":{"name":"c"},"persistentVolumeClaim":null},{"name":"b","secret":{}},{"name":"c","hostPath":{"path":"/dev"}}]}""")]
    [InlineData("""{"containers":[{"ports":[{"containerPort":80,"protocol":"TCP"},{"hostPort":0},{"hostPort":null},null]},{"ports":null}]}""")]
    [InlineData("""{"tolerations":[{"key":"a"}],"schedulerName":"gpu-scheduler","dnsPolicy":"Default","priority":3}""")]
    public void Read_NothingDoes_IsSeen(string spec) => Assert.False(HasThem(spec));

    [Fact]
    public void Read_FieldsBehindConstraints_AreReadAllTheSame()
    {
        var pod = Read.Pod("""
            {"metadata":{"name":"p"},"spec":{"affinity":{"x":[{"y":[1]}]},"volumes":[{"name":"d","csi":{"a":[{}]}}],"nodeSelector":{"a":"b"},
             "containers":[{"ports":[{"hostPort":1,"x":{}}],"resources":{"requests":{"cpu":"1"}}}],"priority":7}}
            """);

        Assert.Equal((7, 1000, true), (pod.Priority, pod.Shape.CpuMilli, pod.HasOtherConstraints));
    }

    [Fact]
    public void Read_CutAtAnyByte_IsAnError()
    {
        var bytes = Encoding.UTF8.GetBytes("""
            {"metadata":{"name":"p"},"spec":{"affinity":{"x":[{"y":[1]}]},"volumes":[{"name":"d","csi":{"a":[{}]}}],"containers":[{"ports":[{"hostPort":1}]}]}}
            """.Trim());
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes.AsSpan(0, length).ToArray();
            Assert.ThrowsAny<System.Text.Json.JsonException>(() => Read.Pod(cut));
        }
    }

    private static bool HasThem(string spec) => Read.Pod($$"""{"metadata":{"name":"p"},"spec":{{spec}}}""").HasOtherConstraints;
}
