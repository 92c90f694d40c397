using System.Text.Json.Nodes;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class AnswerCacheTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Answer_WhileTheClusterChanges_EqualsAFreshOne(int seed)
    {
        var random = new Random(seed);
        var harness = new ExtenderHarness(new ExtenderOptions { RememberedShapes = 8 });
        var strategies = new IScoringStrategy[] { new PackGpus(), new LeastAllocated(), new PackGpus() };
        var names = Enumerable.Range(0, 600).Select(i => $"node-{i}").ToArray();
        harness.With(names.Select(name => Node(name, random)));
        for (var round = 0; round < 300; round++)
        {
            var name = names[random.Next(names.Length)];
            switch (random.Next(6))
            {
                case 0:
                    harness.Ledger.DeleteNode(name);
                    break;
                case 1:
                    harness.Ledger.UpsertNode(Node(name, random));
                    break;
                case 2:
                    harness.Ledger.DeletePod($"uid-of-default/q{random.Next(round + 1)}");
                    break;
                case 3:
                    harness.Strategy.Current = strategies[random.Next(strategies.Length)];
                    break;
                default:
                    harness.Ledger.Assume(MakePod.Named($"q{round}").Gpus(random.Next(1, 5)).Cpu("1").Build(), name);
                    break;
            }

            harness.Publish();
            var pod = MakePod.Named($"p{round}").Gpus(random.Next(9)).Cpu($"{random.Next(1, 3)}").Build();
            var skip = random.Next(3) == 0 ? random.Next(500) : 0;
            var body = RequestBody.Args(pod, names.Skip(skip));
            var fresh = Fresh(harness);
            Assert.Equal(fresh.CallRaw(ExtenderVerb.Prioritize, body), harness.CallRaw(ExtenderVerb.Prioritize, body));

            // What is told of failed nodes is kept when it is asked for again.
            var expected = InOrder(fresh.CallRaw(ExtenderVerb.Filter, body));
            for (var time = 0; time < 3; time++) Assert.Equal(expected, InOrder(harness.CallRaw(ExtenderVerb.Filter, body)));
        }
    }

    /// <summary>A filter answer with the failed nodes, which Go makes maps of, in the order of their names.</summary>
    private static string InOrder(string answer)
    {
        var json = JsonNode.Parse(answer)!.AsObject();
        foreach (var map in (string[])["FailedNodes", "FailedAndUnresolvableNodes"])
        {
            json[map] = new JsonObject(json[map]!.AsObject().OrderBy(node => node.Key, StringComparer.Ordinal).Select(node => KeyValuePair.Create(node.Key, node.Value?.DeepClone())));
        }

        return json.ToJsonString();
    }

    [Fact]
    public async Task Answer_UnderConcurrencyWhileTheClusterChanges_IsOneOfTheTwoStates()
    {
        // One node, always the same shape; the only GPU is taken and given back: every answer must be one of the two possible ones.
        var harness = new ExtenderHarness().With(MakeNode.Named("n").Gpus(1).Cpu("8").Build());
        var pod = MakePod.Named("p").Gpus(1).Build();
        var body = RequestBody.Args(pod, "n");
        var free = harness.CallRaw(ExtenderVerb.Filter, body);
        harness.With(MakePod.Named("q").Gpus(1).On("n").Build());
        var taken = harness.CallRaw(ExtenderVerb.Filter, body);
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = harness.CallRaw(ExtenderVerb.Filter, body);
                Assert.True(answer == free || answer == taken, answer);
            }
        })).ToArray();
        for (var round = 0; round < 2000; round++)
        {
            harness.Ledger.DeletePod($"u{round - 1}");
            harness.With(MakePod.Named("q").Uid($"u{round}").Gpus(1).On(round % 2 == 0 ? "n" : "elsewhere").Build());
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Equal(free, harness.CallRaw(ExtenderVerb.Filter, body));
    }

    /// <summary>Verbs without any memory over the same snapshot.</summary>
    private static ExtenderHarness Fresh(ExtenderHarness harness)
    {
        var fresh = new ExtenderHarness(strategy: harness.Strategy.Current);
        fresh.Store.Publish(harness.Store.Current);
        fresh.Verbs.UsesScanner = false;
        return fresh;
    }

    private static Node Node(string name, Random random) => MakeNode.Named(name).Uid($"{name}-{random.Next()}").Gpus(random.Next(9)).Cpu("16")
        .Model(random.Next(2) == 0 ? "NVIDIA-H100-80GB-HBM3" : "Tesla-T4").Taint("gpu", "only", random.Next(4) == 0 ? "NoSchedule" : "PreferNoSchedule").Build();
}
