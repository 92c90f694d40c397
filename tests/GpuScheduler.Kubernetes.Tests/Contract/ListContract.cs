using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public abstract class ListContract : KubernetesApiContract
{
    [Fact]
    public async Task ListAllAsync_NoObjects_GivesTheResourceVersion()
    {
        var (result, sink) = await ListAsync();

        Assert.Empty(sink.Items);
        Assert.Equal(Server.ResourceVersion, result.Value.ResourceVersion);
    }

    [Fact]
    public async Task ListAllAsync_SmallPages_GivesEveryObjectOnce()
    {
        AddPods(10);

        var (result, sink) = await ListAsync(new ListOptions { Limit = 3 });

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"pod-{i:00}"), Names(sink.Items));
        Assert.Equal(10, result.Value.Count);
        Assert.Equal(4, Server.Calls.Length);
    }

    [Fact]
    public async Task ListAllAsync_ObjectsChangeBetweenPages_StaysAtOneVersion()
    {
        AddPods(4);
        var version = Server.ResourceVersion;
        var sink = new ListCollector<TestObject> { OnAdd = o => Server.Delete(ResourceType.Pods, "default", "pod-03") };

        var result = await Api.ListAllAsync(ResourceType.Pods, TestObjectReader.Instance, sink, new ListOptions { Limit = 2 }, Token);

        Assert.Equal(4, sink.Items.Count);
        Assert.Equal(version, result.Value.ResourceVersion);
    }

    [Fact]
    public async Task ListAllAsync_ContinueTokenExpires_BeginsAnew()
    {
        AddPods(4);
        var compacted = false;
        var sink = new ListCollector<TestObject>
        {
            OnAdd = o =>
            {
                if (!compacted)
                {
                    compacted = true;
                    Server.Compact();
                }
            },
        };
        Server.On("list", "pods").HoldBodyAfter(1).Release();

        // the token is handed out before the first object arrives, and forgotten when it does
        var result = await Api.ListAllAsync(ResourceType.Pods, TestObjectReader.Instance, sink, new ListOptions { Limit = 2 }, Token);

        Assert.True(result.IsSuccess, result.Status.ToString());
        Assert.Equal(1, sink.Restarts);
        Assert.Equal(4, sink.Items.Count);
        Assert.Equal(4, result.Value.Count);
    }

    [Fact]
    public async Task ListAsync_ExpiredContinueToken_IsGone()
    {
        var result = await Api.ListAsync(
            ResourceType.Pods, TestObjectReader.Instance, new ListCollector<TestObject>(), new ListOptions { Limit = 1, Continue = "page-99" }, Token);

        Assert.True(result.Status.IsGone);
        Assert.Equal("Expired", result.Status.Reason);
    }

    [Fact]
    public async Task ListAllAsync_Selectors_AreTheServers()
    {
        AddPods(3);
        Server.Put(ResourceType.Pods, Pod("other", ""","labels":{"app":"a b&c"}"""));

        var (_, byField) = await ListAsync(new ListOptions { FieldSelector = "metadata.name!=other" });
        var (_, byLabel) = await ListAsync(new ListOptions { LabelSelector = "app=a b&c", Namespace = "default" });

        Assert.Equal(3, byField.Items.Count);
        Assert.Equal("other", Assert.Single(byLabel.Items).Meta.Name);
    }

    [Fact]
    public async Task ListAllAsync_ReaderRefusesOneObject_GivesTheOthersAndItsIdentity()
    {
        AddPods(2);
        Server.Put(ResourceType.Pods, Pod("pod-00a", ""","labels":{"refuse":"yes"}"""));

        var (result, sink) = await ListAsync();

        Assert.Equal(["pod-00", "pod-01"], Names(sink.Items));
        var bad = Assert.Single(sink.BadObjects);
        Assert.Equal(("default", "pod-00a"), (bad.Meta.Namespace, bad.Meta.Name));
        Assert.Equal((2, 1), (result.Value.Count, result.Value.BadCount));
    }

    [Theory]
    [InlineData("""{"metadata":{"namespace":"default","name":"pod-01"},"spec":nonsense}""", "pod-01")]
    [InlineData("""{"metadata":{"name":"pod-01","namespace":"default"},,"x":[}]}""", "pod-01")]
    [InlineData("""{"metadata":{"name":"pod-01","namespace":"default","labels":{"a":5}},"spec":{"nodeName":{"not":"a string"}}}""", "pod-01")]
    [InlineData("nonsense", "")]
    [InlineData("\"a string with } and ] and \\\" in it\"", "")]
    [InlineData("12", "")]
    public async Task ListAllAsync_OneGarbledObject_GivesTheOthers(string garbled, string name)
    {
        AddPods(3);
        Server.Garble(ResourceType.Pods, "default", "pod-01", _ => garbled);

        var (result, sink) = await ListAsync();

        Assert.True(result.IsSuccess, result.Status.ToString());
        Assert.Equal(["pod-00", "pod-02"], Names(sink.Items));
        Assert.Equal(name, Assert.Single(sink.BadObjects).Meta.Name);
    }

    [Fact]
    public async Task ListAllAsync_GarbledObjectClosesTheListEarly_IsUnreadableAndNeverShort()
    {
        AddPods(3);
        Server.Garble(ResourceType.Pods, "default", "pod-01", _ => """{"metadata":{}}]}""");

        var (result, _) = await ListAsync();

        Assert.Equal(ApiOutcome.Unreadable, result.Status.Outcome);
    }

    [Fact]
    public async Task ListAsync_AnswerArrivesSlowly_GivesObjectsAsTheyCome()
    {
        AddPods(2);
        var first = new TaskCompletionSource();
        var sink = new ListCollector<TestObject> { OnAdd = _ => first.TrySetResult() };
        var gate = Server.On("list", "pods").HoldBodyAfter(450);

        var list = Api.ListAsync(ResourceType.Pods, TestObjectReader.Instance, sink, new ListOptions(), Token);
        await gate.Reached.WaitAsync(Token);
        await first.Task.WaitAsync(Token);
        Assert.Single(sink.Items);
        gate.Release();

        Assert.Equal(2, (await list).Value.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(400)]
    public async Task ListAsync_ConnectionCut_IsLostAndNeverShort(long bytes)
    {
        AddPods(3);
        Server.On("list", "pods").CutBodyAfter(bytes);

        var (result, _) = await ListAsync();

        Assert.Equal(ApiOutcome.Lost, result.Status.Outcome);
        Assert.True(result.Status.IsTransient);
    }

    [Fact]
    public async Task ListAsync_ServerError_IsAStatus()
    {
        Server.On("list", "pods").Answer(500, "InternalError", "etcd is unwell");

        var (result, _) = await ListAsync();

        Assert.Equal((ApiOutcome.Refused, 500, "InternalError", "etcd is unwell"), (result.Status.Outcome, result.Status.Code, result.Status.Reason, result.Status.Message));
        Assert.True(result.Status.IsTransient);
    }

    [Fact]
    public async Task ListAsync_TooManyRequestsInPlainText_CarriesRetryAfter()
    {
        Server.On("list", "pods").AnswerText(429, "Too many requests, please try again later.", retryAfterSeconds: 7);

        var (result, _) = await ListAsync();

        Assert.True(result.Status.IsTooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(7), result.Status.RetryAfter);
        Assert.Equal("Too many requests, please try again later.", result.Status.Message);
    }

    [Fact]
    public async Task ListAsync_Cancelled_Throws()
    {
        using var cancel = new CancellationTokenSource();
        var gate = Server.On("list", "pods").HoldBefore();
        var list = Api.ListAsync(ResourceType.Pods, TestObjectReader.Instance, new ListCollector<TestObject>(), new ListOptions(), cancel.Token);
        await gate.Reached.WaitAsync(Token);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => list);
        gate.Release();
    }
}
