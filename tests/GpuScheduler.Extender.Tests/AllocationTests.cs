using System.Text;
using GpuScheduler.Extender.Recording;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class AllocationTests
{
    private const int Nodes = 1500;

    [Theory]
    [InlineData("Filter", 0)]
    [InlineData("Filter", 16)]
    [InlineData("Prioritize", 0)]
    public void Answer_InSteadyState_AllocatesNothing(string verbName, int shortlist)
    {
        var verb = Enum.Parse<ExtenderVerb>(verbName);
        var names = Enumerable.Range(0, Nodes).Select(i => $"gpu-node-{i}.cluster.internal").ToArray();
        var harness = new ExtenderHarness(
            new ExtenderOptions { Shortlist = shortlist, RememberedPods = 64 }, decisions: new DecisionRing(512, TimeProvider.System)).With(names.Select(name => MakeNode.Named(name).Gpus(8).Cpu("96").Build()))
            .With(names.Where((_, i) => i % 3 == 0).Select(name => MakePod.Named($"on-{name}").Gpus(8).On(name).Build()));
        var random = new Random(1);
        var bodies = Enumerable.Range(0, 400).Select(i =>
        {
            var chunks = names.Chunk(64).ToArray();
            random.Shuffle(chunks);
            return Encoding.UTF8.GetBytes(RequestBody.Args(MakePod.Named($"p{i}").Gpus(1 + (i % 4)).Cpu("8").Build(), chunks.SelectMany(chunk => chunk)));
        }).ToArray();

        // Every pod is new to what is measured: pods come once, shapes come again.
        foreach (var body in bodies.AsSpan(0, 300)) Call(harness, verb, body);
        Assert.Equal(0, Allocations.Least(
            batch =>
            {
                foreach (var body in bodies.AsSpan(300 + (batch * 25), 25)) Call(harness, verb, body);
            },
            batches: 4));
    }

    private static void Call(ExtenderHarness harness, ExtenderVerb verb, byte[] body)
    {
        var call = harness.Verbs.Rent();
        call.Body.Append(body);
        harness.Verbs.Answer(verb, call);
        harness.Verbs.Return(call);
    }
}
