using System.Text;
using System.Text.Json.Nodes;
using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public abstract class ObjectContract : KubernetesApiContract
{
    private static readonly Dictionary<string, string> NoAnnotations = [];

    private static Lease NewLease => new()
    {
        Meta = ObjectMeta.Empty with { Namespace = "kube-system", Name = "gpu-scheduler" },
        HolderIdentity = "one",
        LeaseDurationSeconds = 15,
        RenewTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).AddTicks(1234560),
    };

    private static KubernetesEvent NewEvent => new()
    {
        Meta = ObjectMeta.Empty with { Namespace = "default", Name = "a.1" },
        EventTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        ReportingController = "example.com/gpu-scheduler",
        ReportingInstance = "gpu-scheduler-0",
        Action = "Binding",
        Reason = "Allocated",
        Note = "got GPU 3 — “all of it”",
        Regarding = new("v1", "Pod", ObjectMeta.Empty with { Namespace = "default", Name = "a", Uid = "u1" }),
        Related = new("v1", "Node", ObjectMeta.Empty with { Name = "n1" }),
    };

    [Fact]
    public async Task GetAsync_Exists_GivesIt()
    {
        var meta = Server.Put(ResourceType.Pods, Pod("a"));

        var result = await Api.GetAsync(ResourceType.Pods, "default", "a", TestObjectReader.Instance, Token);

        Assert.Equal(meta, result.Value.Meta);
    }

    [Fact]
    public async Task GetAsync_Absent_IsNotFound()
    {
        var result = await Api.GetAsync(ResourceType.Pods, "default", "a", TestObjectReader.Instance, Token);

        Assert.True(result.Status.IsNotFound);
        Assert.Equal("pods \"a\" not found", result.Status.Message);
        Assert.False(result.Status.IsTransient);
    }

    [Theory]
    [InlineData("../../secrets/x")]
    [InlineData("..")]
    [InlineData("")]
    public async Task GetAsync_NameThatIsAPath_Throws(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Api.GetAsync(ResourceType.Pods, "default", name, TestObjectReader.Instance, Token));

    [Fact]
    public async Task GetAsync_ObjectUnreadable_SaysSo()
    {
        Server.Put(ResourceType.Pods, Pod("a", ""","labels":{"refuse":"yes"}"""));

        var result = await Api.GetAsync(ResourceType.Pods, "default", "a", TestObjectReader.Instance, Token);

        Assert.Equal(ApiOutcome.Unreadable, result.Status.Outcome);
    }

    [Fact]
    public async Task GetAsync_NothingListens_IsNotSent()
    {
        var address = Server.Address;
        await Server.DisposeAsync();
        var api = CreateApi(new ClusterConnection { Server = address });

        var result = await api.GetAsync(ResourceType.Pods, "default", "a", TestObjectReader.Instance, Token);

        Assert.Equal(ApiOutcome.NotSent, result.Status.Outcome);
        Assert.False(result.Status.MayHaveHappened);
        (api as IDisposable)?.Dispose();
    }

    [Fact]
    public async Task CreateLeaseAsync_Twice_AlreadyExists()
    {
        var first = await Api.CreateLeaseAsync(NewLease, Token);
        var second = await Api.CreateLeaseAsync(NewLease, Token);

        Assert.Equal("one", first.Value.HolderIdentity);
        Assert.True(second.Status.IsAlreadyExists);
        Assert.False(second.Status.IsConflict);
    }

    [Fact]
    public async Task GetLeaseAsync_AfterCreate_IsTheSame()
    {
        await Api.CreateLeaseAsync(NewLease with { Annotations = new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "b" } }, Token);

        var lease = (await Api.GetLeaseAsync("kube-system", "gpu-scheduler", Token)).Value;

        Assert.Equal(NewLease.RenewTime, lease.RenewTime);
        Assert.Equal((15, 0), (lease.LeaseDurationSeconds, lease.LeaseTransitions));
        Assert.Equal("b", lease.Annotations["a"]);
        Assert.Null(lease.AcquireTime);
    }

    [Fact]
    public async Task ReplaceLeaseAsync_ChangedMeanwhile_IsAConflict()
    {
        var mine = (await Api.CreateLeaseAsync(NewLease, Token)).Value;
        var theirs = await Api.ReplaceLeaseAsync(mine with { HolderIdentity = "two" }, Token);

        var refused = await Api.ReplaceLeaseAsync(mine with { HolderIdentity = "three" }, Token);

        Assert.True(theirs.IsSuccess, theirs.Status.ToString());
        Assert.True(refused.Status.IsConflict);
        Assert.Equal("two", (await Api.GetLeaseAsync("kube-system", "gpu-scheduler", Token)).Value.HolderIdentity);
    }

    [Fact]
    public async Task CreateEventAsync_ThenSeries_CountsOn()
    {
        var created = await Api.CreateEventAsync(NewEvent, Token);
        var series = new EventSeries(2, new DateTimeOffset(2026, 1, 1, 0, 5, 0, TimeSpan.Zero));

        var patched = await Api.PatchEventSeriesAsync("default", "a.1", series, Token);

        Assert.True(created.IsSuccess, created.Status.ToString());
        Assert.Equal(series, patched.Value.Series);
        Assert.Equal(NewEvent with { Meta = patched.Value.Meta, Series = series }, patched.Value);
        Assert.Equal("patch events", Server.Calls[^1].ToString());
        Assert.Equal("application/strategic-merge-patch+json", Server.Calls[^1].Headers["Content-Type"]);
    }

    [Fact]
    public async Task PatchNominatedNodeAsync_SetAndClear_ChangesTheStatusOnly()
    {
        Server.Put(ResourceType.Pods, Pod("a"));

        await Api.PatchNominatedNodeAsync("default", "a", "n1", null, Token);
        var set = (string?)Server.Get(ResourceType.Pods, "default", "a")!["status"]!["nominatedNodeName"];
        var cleared = await Api.PatchNominatedNodeAsync("default", "a", null, null, Token);

        Assert.Equal("n1", set);
        Assert.True(cleared.IsSuccess);
        Assert.Null(Server.Get(ResourceType.Pods, "default", "a")!["status"]!["nominatedNodeName"]);
        Assert.Equal("patch pods/status", Server.Calls[^1].ToString());
    }

    [Fact]
    public async Task PatchNominatedNodeAsync_PodChangedMeanwhile_IsAConflictAndChangesNothing()
    {
        var seen = Server.Put(ResourceType.Pods, Pod("a"));
        Server.Update(ResourceType.Pods, "default", "a", pod => pod["status"] = new JsonObject { ["nominatedNodeName"] = "n2" });

        var result = await Api.PatchNominatedNodeAsync("default", "a", "n1", seen.ResourceVersion, Token);

        Assert.True(result.Status.IsConflict, result.Status.ToString());
        Assert.Equal("n2", (string?)Server.Get(ResourceType.Pods, "default", "a")!["status"]!["nominatedNodeName"]);
    }

    [Fact]
    public async Task PatchAnnotationsAsync_SetAndRemove_LeavesTheRest()
    {
        Server.Put(ResourceType.Pods, Pod("a", ""","annotations":{"keep":"1","drop":"2"}"""));

        await Api.PatchAnnotationsAsync(
            ResourceType.Pods, "default", "a", new Dictionary<string, string?>(StringComparer.Ordinal) { ["drop"] = null, ["new"] = "3" }, Token);

        var annotations = Server.Get(ResourceType.Pods, "default", "a")!["metadata"]!["annotations"]!.AsObject();
        Assert.Equal(["keep", "new"], annotations.Select(a => a.Key));
    }

    [Fact]
    public async Task PatchAsync_OldResourceVersion_IsAConflict()
    {
        Server.Put(ResourceType.Pods, Pod("a"));
        var patch = Encoding.UTF8.GetBytes("""{"metadata":{"resourceVersion":"1","annotations":{"a":"b"}}}""");

        var result = await Api.PatchAsync(ResourceType.Pods, "default", "a", null, PatchType.Merge, patch, TestObjectReader.Instance, Token);

        Assert.True(result.Status.IsConflict);
    }

    [Fact]
    public async Task DeleteAsync_OtherUid_IsAConflict()
    {
        var meta = Server.Put(ResourceType.Pods, Pod("a"));

        var other = await Api.DeleteAsync(ResourceType.Pods, "default", "a", "someone-else", Token);
        var own = await Api.DeleteAsync(ResourceType.Pods, "default", "a", meta.Uid, Token);
        var gone = await Api.DeleteAsync(ResourceType.Pods, "default", "a", null, Token);

        Assert.True(other.IsConflict);
        Assert.True(own.IsSuccess);
        Assert.True(gone.IsNotFound);
    }

    [Fact]
    public async Task BindPodAsync_FreePod_SetsNodeAndAnnotationsInOneWrite()
    {
        var meta = Server.Put(ResourceType.Pods, Pod("a", ""","annotations":{"own":"kept"}"""));
        var binding = new PodBinding("default", "a", meta.Uid, "n1", new Dictionary<string, string>(StringComparer.Ordinal) { ["gpu"] = "0,1" });

        var status = await Api.BindPodAsync(binding, Token);

        var pod = Server.Get(ResourceType.Pods, "default", "a")!;
        Assert.True(status.IsSuccess, status.ToString());
        Assert.Equal("n1", (string?)pod["spec"]!["nodeName"]);
        Assert.Equal(("0,1", "kept"), ((string?)pod["metadata"]!["annotations"]!["gpu"], (string?)pod["metadata"]!["annotations"]!["own"]));
        Assert.Equal("create pods/binding", Assert.Single(Server.Calls).ToString());
    }

    [Fact]
    public async Task BindPodAsync_AlreadyBound_IsAConflictNamingTheNode()
    {
        Server.Put(ResourceType.Pods, Pod("a"));
        await Api.BindPodAsync(new PodBinding("default", "a", null, "n1", NoAnnotations), Token);

        var second = await Api.BindPodAsync(new PodBinding("default", "a", null, "n2", NoAnnotations), Token);

        Assert.True(second.IsConflict);
        Assert.Contains("already assigned to node \"n1\"", second.Message, StringComparison.Ordinal);
        Assert.False(second.MayHaveHappened);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BindPodAsync_OtherUid_DependsOnTheServersAge(bool ignoresUid)
    {
        Server.BindIgnoresUid = ignoresUid;
        Server.Put(ResourceType.Pods, Pod("a"));

        var status = await Api.BindPodAsync(new PodBinding("default", "a", "someone-else", "n1", NoAnnotations), Token);

        Assert.Equal((ignoresUid, !ignoresUid), (status.IsSuccess, status.IsConflict));
    }

    [Fact]
    public async Task BindPodAsync_AnswerLostAfterTheWrite_MayHaveHappened()
    {
        Server.Put(ResourceType.Pods, Pod("a"));
        Server.On("create", "pods/binding").ApplyThenReset();

        var status = await Api.BindPodAsync(new PodBinding("default", "a", null, "n1", NoAnnotations), Token);

        Assert.Equal(ApiOutcome.Lost, status.Outcome);
        Assert.True(status.MayHaveHappened);
        Assert.Equal("n1", (string?)Server.Get(ResourceType.Pods, "default", "a")!["spec"]!["nodeName"]);
        Assert.Single(Server.Calls); // and nobody sent it twice
    }

    [Theory]
    [InlineData(429, false)]
    [InlineData(503, false)]
    [InlineData(500, true)]
    [InlineData(504, true)]
    public async Task BindPodAsync_Refused_SaysWhetherItMayHaveHappened(int code, bool may)
    {
        Server.Put(ResourceType.Pods, Pod("a"));
        Server.On("create", "pods/binding").Answer(code, retryAfterSeconds: 2);

        var status = await Api.BindPodAsync(new PodBinding("default", "a", null, "n1", NoAnnotations), Token);

        Assert.True(status.IsTransient);
        Assert.Equal(may, status.MayHaveHappened);
        Assert.Equal(TimeSpan.FromSeconds(2), status.RetryAfter);
    }

    [Fact]
    public async Task DiscoverAsync_Server_GivesVersionAndGroups()
    {
        var info = (await Api.DiscoverAsync(Token)).Value;

        Assert.Equal(("v1.36.2", 1, 36), (info.GitVersion, info.Major, info.Minor));
        Assert.True(info.Serves(ResourceType.Events));
        Assert.True(info.Serves(ResourceType.Pods));
        Assert.True(info.LikelyOffersWatchList);
        Assert.False(info.Serves(new ResourceType("resource.k8s.io", "v1", "resourceclaims", "ResourceClaim", true)));
    }
}
