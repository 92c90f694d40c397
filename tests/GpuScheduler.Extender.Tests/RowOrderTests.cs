using GpuScheduler.Core.Filtering;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

/// <summary>
/// Answers are put together a page at a time, from text that is kept. Here each asked node is asked about alone: <see cref="PodFilter.Check"/> and the
/// snapshot say what the answer must say of it, whatever else was asked, in which order, and what was asked before.
/// </summary>
public sealed class RowOrderTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 7)]
    public void Filter_AnyPartOfALargeCluster_SaysOfEachNodeWhatItsRowSays(int seed, int shortlist)
    {
        var random = new Random(seed);
        var harness = new ExtenderHarness(new ExtenderOptions { Shortlist = shortlist });
        var names = Enumerable.Range(0, 700).Select(i => $"node-{i}").ToArray();
        harness.With(names.Select(name => Node(name, random)));
        for (var round = 0; round < 150; round++)
        {
            for (var changes = random.Next(3); changes > 0; changes--) Change(harness, names, round, random);
            var pod = MakePod.Named($"p{round}").Gpus(random.Next(5)).Cpu($"{1 << random.Next(3)}").Build();
            random.Shuffle(names);
            string[] asked = [.. random.Next(2) == 0 ? names : names.Take(random.Next(names.Length)), $"stranger-{round}"];
            var answer = harness.Filter(RequestBody.Args(pod, asked));
            var scores = harness.Prioritize(RequestBody.Args(pod, asked));

            var (fitting, failing) = (new List<string>(), new Dictionary<string, string>());
            foreach (var name in asked)
            {
                if (WhyNot(harness.Store.Current, pod, name) is { } reason) failing.Add(name, reason);
                else fitting.Add(name);
            }

            var told = answer.Failed.Concat(answer.Unresolvable).ToDictionary();
            Assert.Equal(failing.OrderBy(entry => entry.Key, StringComparer.Ordinal), told.OrderBy(entry => entry.Key, StringComparer.Ordinal));
            Assert.Equal(asked.Order(StringComparer.Ordinal), scores.Keys.Order(StringComparer.Ordinal));
            Assert.All(failing.Keys, name => Assert.Equal(0, scores[name]));
            if (shortlist == 0 || fitting.Count <= shortlist)
            {
                Assert.Equal(fitting.Order(StringComparer.Ordinal), answer.Offered.Order(StringComparer.Ordinal));
            }
            else
            {
                Assert.Equal(shortlist, answer.Offered.Length);
                Assert.Subset(fitting.ToHashSet(), answer.Offered.ToHashSet());
            }
        }
    }

    private static void Change(ExtenderHarness harness, string[] names, int round, Random random)
    {
        var name = names[random.Next(names.Length)];
        switch (random.Next(4))
        {
            case 0:
                harness.Ledger.DeleteNode(name);
                break;
            case 1:
                harness.Ledger.UpsertNode(Node(name, random));
                break;
            default:
                harness.Ledger.Assume(MakePod.Named($"q{round}-{random.Next(1000)}").Gpus(1).Cpu("1").Build(), name);
                break;
        }

        harness.Publish();
    }

    private static string? WhyNot(ClusterSnapshot snapshot, Pod pod, string name)
    {
        if (snapshot.Names.Find(System.Text.Encoding.UTF8.GetBytes(name)) is not { } node) return "node(s) were not known to gpu-scheduler (yet)";
        var filter = new PodFilter(snapshot.Tables, pod.Shape);
        var (page, row) = (snapshot.PageOf(node.Row), node.Row & NodePage.RowMask);
        var rejection = filter.Check(page, row);
        return rejection.IsNone ? null : filter.Describe(rejection, page, row);
    }

    private static Node Node(string name, Random random) => MakeNode.Named(name).Uid($"{name}-{random.Next()}").Gpus(random.Next(5)).Cpu("4")
        .Model(random.Next(2) == 0 ? "NVIDIA-H100-80GB-HBM3" : "Tesla-T4").Taint("gpu", "only", random.Next(4) == 0 ? "NoSchedule" : "PreferNoSchedule").Build();
}
