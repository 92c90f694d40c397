using GpuScheduler.Cluster.Access;
using GpuScheduler.Cluster.Events;
using GpuScheduler.Cluster.Leadership;
using GpuScheduler.Cluster.Reflection;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuScheduler.Cluster.Tests.Access;

public sealed class ApiAccessTests
{
    [Fact]
    public async Task Required_WhatThePiecesReallyAsk_IsListed()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var api = server.CreateClient();
        using var stop = new CancellationTokenSource();
        var time = new FakeTimeProvider();
        var sink = new SyncSignal();
        var reflector = new Reflector<TestObject>(
            api, TestObjectReader.Instance, sink, new ReflectorOptions(ResourceType.Pods), time, new Random(1), NullLogger<Reflector<TestObject>>.Instance);
        var elector = new LeaderElector(
            api, new LeaderElectionOptions { Identity = "a" }, sink, time, new Random(1), NullLogger<LeaderElector>.Instance);
        var recorder = new EventRecorder(
            api, new EventRecorderOptions { ReportingInstance = "a" }, time, new Random(1), NullLogger<EventRecorder>.Instance);
        for (var i = 0; i < 2; i++) recorder.Record(new ObjectReference("v1", "Pod", new ObjectMeta("ns", "p", "u", "1")), null, false, "Bound", "Binding", "x");

        Task[] running = [reflector.RunAsync(stop.Token), elector.RunAsync(stop.Token), recorder.RunAsync(stop.Token)];
        await server.WaitForCallsAsync("watch", "pods");
        await server.WaitForCallsAsync("create", "leases");
        await server.WaitForCallsAsync("patch", "events");
        await sink.Leading;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(running));

        var required = ApiAccess.Required.Select(p => (p.Verb, p.Group, p.Resource)).ToHashSet();
        Assert.Empty(server.CallsAsRules.Except(required));
        Assert.Equal(7, server.CallsAsRules.Count);
    }

    [Fact]
    public void Required_Table_HasNoRepetition() => Assert.Equal(ApiAccess.Required.Count, ApiAccess.Required.Distinct().Count());

    private sealed class SyncSignal : IReflectorSink<TestObject>, ILeadershipObserver
    {
        private readonly TaskCompletionSource _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Leading => _leading.Task.WaitAsync(TimeSpan.FromSeconds(60));

        public ValueTask UpsertAsync(TestObject value, ObjectMeta meta, CancellationToken cancellationToken) => default;

        public ValueTask DeleteAsync(ObjectMeta meta, CancellationToken cancellationToken) => default;

        public ValueTask SyncedAsync(string resourceVersion, CancellationToken cancellationToken) => default;

        public void StartedLeading(LeaderTerm term) => _leading.TrySetResult();

        public Task StoppedLeadingAsync(LeaderTerm term) => Task.CompletedTask;

        public void ObservedLeader(string identity)
        {
        }
    }
}
