namespace GpuScheduler.Core.Tests.Objects;

/// <summary>The rules of <c>k8s.io/component-helpers/resource/helpers.go</c>, one case each, read through the pod reader.</summary>
public sealed class EffectiveRequestTests
{
    [Fact]
    public void Containers_AreSummed() => Assert.Equal("cpu=1500m memory=3072Mi nvidia.com/gpu=3", Read.RequestOf("""
        {"containers":[
          {"name":"a","resources":{"requests":{"cpu":"1","memory":"1Gi","nvidia.com/gpu":"2"}}},
          {"name":"b","resources":{"requests":{"cpu":"500m","memory":"2Gi","nvidia.com/gpu":1}}},
          {"name":"c"}]}
        """));

    [Fact]
    public void Fractions_AreSummedBeforeTheyAreRoundedUp() => Assert.Equal("cpu=1m memory=1Mi", Read.RequestOf("""
        {"containers":[
          {"name":"a","resources":{"requests":{"cpu":"0.4m","memory":"400k"}}},
          {"name":"b","resources":{"requests":{"cpu":"0.4m","memory":"600k"}}}]}
        """));

    [Fact]
    public void InitContainers_CountWhereOneNeedsMoreThanAllContainers() => Assert.Equal("cpu=2000m memory=4096Mi nvidia.com/gpu=4", Read.RequestOf("""
        {"containers":[{"name":"a","resources":{"requests":{"cpu":"2","memory":"1Gi","nvidia.com/gpu":"1"}}}],
         "initContainers":[
          {"name":"i","resources":{"requests":{"cpu":"1","memory":"4Gi","nvidia.com/gpu":"4"}}},
          {"name":"j","resources":{"requests":{"cpu":"1","memory":"3Gi","nvidia.com/gpu":"2"}}}]}
        """));

    [Fact]
    public void Sidecars_AreAddedToTheContainers() => Assert.Equal("cpu=3500m", Read.RequestOf("""
        {"containers":[{"name":"a","resources":{"requests":{"cpu":"2"}}}],
         "initContainers":[
          {"name":"s","restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}},
          {"name":"t","restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}}]}
        """));

    [Theory]
    [InlineData("s,i", "cpu=6000m")] // the sidecar runs while i does
    [InlineData("i,s", "cpu=5000m")] // it starts after i
    public void InitContainer_AddsTheSidecarsStartedBeforeIt(string order, string expected)
    {
        var containers = order.Split(',').Select(name => name == "s"
            ? """{"name":"s","restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}}"""
            : """{"name":"i","restartPolicy":null,"resources":{"requests":{"cpu":"5"}}}""");
        Assert.Equal(expected, Read.RequestOf($$$"""
            {"containers":[{"name":"a","resources":{"requests":{"cpu":"2"} } }],"initContainers":[{{{string.Join(',', containers)}}}] }
            """));
    }

    [Fact]
    public void RestartPolicyOfAContainer_MeansNothing() => Assert.Equal("cpu=2000m", Read.RequestOf("""
        {"containers":[{"name":"a","restartPolicy":"Always","resources":{"requests":{"cpu":"2"}}}],
         "initContainers":[{"name":"i","restartPolicy":"OnFailure","resources":{"requests":{"cpu":"1"}}}]}
        """));

    [Fact]
    public void Limits_StandInForMissingRequestsOfTheSameContainer() => Assert.Equal("cpu=3000m memory=1024Mi nvidia.com/gpu=1", Read.RequestOf("""
        {"containers":[
          {"name":"a","resources":{"limits":{"cpu":"2","memory":"4Gi","nvidia.com/gpu":"1"},"requests":{"memory":"1Gi"}}},
          {"name":"b","resources":{"limits":{"cpu":"1"}}}]}
        """));

    [Fact]
    public void ZeroRequest_IsNotReplacedByTheLimit() => Assert.Equal("", Read.RequestOf("""
        {"containers":[{"name":"a","resources":{"limits":{"cpu":"2"},"requests":{"cpu":"0"}}}]}
        """));

    [Fact]
    public void Overhead_IsAddedToWhateverIsGreater() => Assert.Equal("cpu=3250m memory=120Mi", Read.RequestOf("""
        {"containers":[{"name":"a","resources":{"requests":{"cpu":"2"}}}],
         "initContainers":[{"name":"i","resources":{"requests":{"cpu":"3"}}}],
         "overhead":{"cpu":"250m","memory":"120Mi"}}
        """));

    [Fact]
    public void PodLevelRequests_ReplaceTheSumOfNativeResourcesOnly() => Assert.Equal("cpu=1100m hugepages-2Mi=64Mi memory=2048Mi nvidia.com/gpu=2", Read.RequestOf("""
        {"resources":{"requests":{"cpu":"1","hugepages-2Mi":"64Mi","nvidia.com/gpu":"7"}},
         "containers":[{"name":"a","resources":{"requests":{"cpu":"4","memory":"2Gi","hugepages-2Mi":"128Mi","nvidia.com/gpu":"2"}}}],
         "overhead":{"cpu":"100m"}}
        """));

    [Fact]
    public void PodLevelLimits_StandInWhereNoContainerRequests() => Assert.Equal("cpu=1000m hugepages-2Mi=64Mi memory=2048Mi", Read.RequestOf("""
        {"resources":{"limits":{"cpu":"8","memory":"2Gi","hugepages-2Mi":"64Mi","nvidia.com/gpu":"7"}},
         "containers":[{"name":"a","resources":{"requests":{"cpu":"1","hugepages-2Mi":"32Mi"}}}]}
        """));

    [Fact]
    public void NamesThatAreNoNodeResource_AreLeftOut() => Assert.Equal("cpu=1000m", Read.RequestOf("""
        {"containers":[{"name":"a","resources":{"requests":{"cpu":"1","pods":"5","storage":"1Gi"}}}]}
        """));

    [Theory]
    // growing: the spec is ahead of what is allocated and in effect
    [InlineData("4", """{"name":"a","allocatedResources":{"cpu":"2"},"resources":{"requests":{"cpu":"2"}}}""", "", "cpu=4000m")]
    // shrinking: what is in effect counts until it has shrunk
    [InlineData("1", """{"name":"a","allocatedResources":{"cpu":"1"},"resources":{"requests":{"cpu":"2"}}}""", "", "cpu=2000m")]
    [InlineData("1", """{"name":"a","allocatedResources":{"cpu":"3"},"resources":{"requests":{"cpu":"2"}}}""", "", "cpu=3000m")]
    // infeasible: the size asked for will not come
    [InlineData("9", """{"name":"a","allocatedResources":{"cpu":"3"},"resources":{"requests":{"cpu":"2"}}}""", "Infeasible", "cpu=3000m")]
    [InlineData("9", """{"name":"a","allocatedResources":{"cpu":"3"},"resources":{"requests":{"cpu":"2"}}}""", "Deferred", "cpu=9000m")]
    // without status.resources nothing was resized
    [InlineData("2", """{"name":"a","allocatedResources":{"cpu":"3"}}""", "", "cpu=2000m")]
    [InlineData("2", """{"name":"a","allocatedResources":{"cpu":"3"},"resources":null}""", "Infeasible", "cpu=2000m")]
    [InlineData("2", """{"name":"a","allocatedResources":{"cpu":"3"},"resources":{}}""", "", "cpu=3000m")]
    [InlineData("2", """{"name":"other","allocatedResources":{"cpu":"9"},"resources":{"requests":{"cpu":"9"}}}""", "", "cpu=2000m")]
    public void Resize_CountsTheGreatestOfSpecAllocatedAndInEffect(string cpu, string status, string pending, string expected) =>
        Assert.Equal(expected, Read.RequestOf(
            $$$$"""{"containers":[{"name":"a","resources":{"requests":{"cpu":"{{{{cpu}}}}"}}}]}""",
            $$"""{"containerStatuses":[{{status}} ],"conditions":[{"type":"PodResizePending","status":"True","reason":"{{pending}}" }] }"""));

    [Fact]
    public void Resize_OfASidecar_IsFoundAmongTheInitContainerStatuses() => Assert.Equal("cpu=5000m", Read.RequestOf(
        """
        {"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}],
         "initContainers":[{"name":"s","restartPolicy":"Always","resources":{"requests":{"cpu":"1"}}}]}
        """,
        """{"initContainerStatuses":[{"name":"s","resources":{"requests":{"cpu":"4"}}}]}"""));

    [Fact]
    public void InfeasibleResize_NeverLosesAGpu() => Assert.Equal("cpu=2000m nvidia.com/gpu=8", Read.RequestOf(
        """{"containers":[{"name":"a","resources":{"requests":{"cpu":"9","nvidia.com/gpu":"8"}}}]}""",
        """
        {"containerStatuses":[{"name":"a","allocatedResources":{"cpu":"2"},"resources":{"requests":{"cpu":"2"}}}],
         "conditions":[{"type":"PodResizePending","reason":"Infeasible"}]}
        """));

    [Theory]
    [InlineData("", "cpu=4000m")]
    [InlineData("Infeasible", "cpu=3000m")]
    public void PodLevelResize_CountsLikeAContainers(string pending, string expected) => Assert.Equal(expected, Read.RequestOf(
        """{"resources":{"requests":{"cpu":"4"}},"containers":[{"name":"a"}]}""",
        $$$"""{"resources":{"requests":{"cpu":"2"} },"allocatedResources":{"cpu":"3"},"conditions":[{"type":"PodResizePending","reason":"{{{pending}}}" }] }"""));

    [Fact]
    public void StatusBeforeSpec_CountsTheSame() => Assert.Equal("cpu=4000m", Read.Pod("""
        {"status":{"containerStatuses":[{"name":"a","resources":{"requests":{"cpu":"4"}}}]},
         "spec":{"containers":[{"name":"a","resources":{"requests":{"cpu":"2"}}}]},"metadata":{"name":"p"}}
        """).Shape.ToString());

    [Fact]
    public void SumPastTheLargestQuantity_NamesTheResource() => Assert.Contains(
        "spec: example.com/x: the sum of the requests is too large",
        Assert.Throws<FormatException>(() => Read.RequestOf("""
            {"containers":[{"name":"a","resources":{"requests":{"example.com/x":"9223372036854775807"}}},
                           {"name":"b","resources":{"requests":{"example.com/x":"1"}}}]}
            """)).Message,
        StringComparison.Ordinal);
}
