using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

/// <summary>The scanner against its specification: the same bodies, good and bad, one harness with it and one without.</summary>
public sealed class RequestScannerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Answer_GeneratedAndMutatedBodies_IsTheSameWithAndWithoutTheScanner(int seed)
    {
        var random = new Random(seed);
        var (with, without) = (Cluster(), Cluster());
        without.Verbs.UsesScanner = false;
        for (var round = 0; round < 1500; round++)
        {
            var body = Encoding.UTF8.GetBytes(Generate(random));
            for (var mutations = random.Next(3); mutations > 0; mutations--) body = Mutate(body, random);
            var verb = random.Next(2) == 0 ? ExtenderVerb.Filter : ExtenderVerb.Prioritize;
            Assert.Equal(without.CallRaw(verb, body), with.CallRaw(verb, body));
            if (round % 50 == 0) Change(random, with, without);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Answer_LongListsOfNamesOfAllLengths_IsTheSameWithAndWithoutTheScanner(int seed)
    {
        var random = new Random(seed);
        var names = Enumerable.Range(0, 1500).Select(i => $"{new string((char)('a' + (i % 3)), random.Next(1, random.Next(2, 90)))}-{i}").ToArray();
        var nodes = names.Select(name => MakeNode.Named(name).Gpus(random.Next(3)).Cpu("8").Taint("gpu", "only", random.Next(4) == 0 ? "NoSchedule" : "PreferNoSchedule").Build()).ToArray();
        var with = new ExtenderHarness(new ExtenderOptions { Shortlist = seed % 2 * 40 }).With(nodes);
        var without = new ExtenderHarness(with.Verbs.Options).With(nodes);
        without.Verbs.UsesScanner = false;
        for (var round = 0; round < 60; round++)
        {
            random.Shuffle(names);
            var asked = names.Take(random.Next(names.Length)).Select(name => random.Next(400) == 0 ? $"{name}-gone" : name).ToList();
            if (random.Next(2) == 0 && asked.Count > 3) asked.Insert(random.Next(asked.Count), asked[1]);
            var body = Encoding.UTF8.GetBytes(RequestBody.Args(MakePod.Named("p").Gpus(random.Next(4)).Cpu("1").Build(), asked));
            if (random.Next(3) == 0) body = Mutate(body, random);
            var verb = random.Next(2) == 0 ? ExtenderVerb.Filter : ExtenderVerb.Prioritize;
            Assert.Equal(without.CallRaw(verb, body), with.CallRaw(verb, body));
        }
    }

    [Theory]
    [InlineData("\"node-1\"\"node-2\"")]
    [InlineData("\"node-1\",,\"node-2\"")]
    [InlineData("\"node-1\",")]
    [InlineData("\"node-1\" ,\"node-2\"")]
    [InlineData("\"node-1\",null,\"node-2\"")]
    [InlineData("\"node-1\"]")]
    [InlineData("\"node-1\",[\"node-2\"]")]
    [InlineData("\"node-1")]
    [InlineData("\"node-1\"x,\"node-2\"")]
    [InlineData("\"node-1\\\",\"node-2\"")]
    [InlineData("\"node-1\",\"\",\"node-2\"")]
    [InlineData("\"node-1\",\"node\n-2\"")]
    public void Answer_OddListAtAnyPlaceOfTheScannersSteps_IsTheSameWithAndWithoutTheScanner(string odd)
    {
        var (with, without) = (Cluster(), Cluster());
        without.Verbs.UsesScanner = false;
        var pod = RequestBody.Args(MakePod.Named("p").Gpus(1).Cpu("1").Build(), []);
        foreach (var before in Enumerable.Range(1, 70).Concat(Enumerable.Range(8 * 1024 - 50, 70)))
        {
            foreach (var behind in (string[])["", ",\"node-3\""])
            {
                var names = $"[\"{new string('n', before)}\",{odd}{behind}]";
                var body = Encoding.UTF8.GetBytes(pod.Replace("\"NodeNames\":[]", $"\"NodeNames\":{names}", StringComparison.Ordinal));
                Assert.Equal(without.CallRaw(ExtenderVerb.Filter, body), with.CallRaw(ExtenderVerb.Filter, body));
            }
        }
    }

    [Fact]
    public void Answer_SpaceBehindTheList_IsThatOfTheList()
    {
        var cluster = Cluster();
        var body = RequestBody.Args(MakePod.Named("p").Gpus(1).Cpu("1").Build(), ["node-1", "node-2"]);
        Assert.Equal(cluster.CallRaw(ExtenderVerb.Filter, Encoding.UTF8.GetBytes(body)), cluster.CallRaw(ExtenderVerb.Filter, Encoding.UTF8.GetBytes($"{body}\n")));
    }

    // Nothing is remembered of pods: a pod of a known shape is not read again, so what is wrong with its other fields would go unnoticed in one
    // of the two and not in the other.
    private static ExtenderHarness Cluster() =>
        new ExtenderHarness(new ExtenderOptions { RememberedShapes = 0 }).With(Enumerable.Range(0, 40).Select(i => Node(i)));

    private static Node Node(int i) => MakeNode.Named(i % 10 == 9 ? $"knoten-é-{i}" : $"node-{i}").Gpus(1 + (i % 8)).Cpu("8").Build();

    private static void Change(Random random, ExtenderHarness with, ExtenderHarness without)
    {
        var i = random.Next(45);
        foreach (var harness in new[] { with, without })
        {
            if (i % 2 == 0) harness.Ledger.DeleteNode(Node(i).Name);
            else harness.Ledger.UpsertNode(MakeNode.Named(Node(i).Name).Gpus(i % 5).Cpu("8").Uid($"again-{i}").Build());
            harness.Publish();
        }
    }

    private static string Generate(Random random)
    {
        var pod = MakePod.Named($"p{random.Next(4)}").Gpus(random.Next(6)).Cpu($"{random.Next(1, 9)}").Build();
        var space = random.Next(4) == 0 ? " " : "";
        var names = Enumerable.Range(random.Next(3), random.Next(30)).Select(i => random.Next(12) switch
        {
            0 => "\"node-\\u0031\"",
            1 => $"\"node-{random.Next(60)}\"",
            2 => "\"knoten-é-9\"",
            3 => "null",
            _ => $"\"node-{i}\"",
        });
        var fields = new List<string>
        {
            $"\"Pod\"{space}:{space}{RequestBody.Json(pod)}",
            $"\"Nodes\":{(random.Next(8) == 0 ? $$"""{"items":[{{RequestBody.Json(Node(3))}}]}""" : "null")}",
            $"\"NodeNames\":{space}{(random.Next(10) == 0 ? "null" : $"[{space}{string.Join($"{space},", names)}{space}]")}",
        };
        if (random.Next(5) == 0) fields.Add("\"Other\":{\"a\":[1,\"}\"]}");
        if (random.Next(5) == 0) fields.Reverse();
        if (random.Next(8) == 0) fields.Add(fields[random.Next(fields.Count)]);
        if (random.Next(8) == 0) fields = [.. fields.Select(field => field.ToLowerInvariant())];
        return $"{space}{{{string.Join($"{space},{space}", fields)}}}{(random.Next(5) == 0 ? "\n" : "")}";
    }

    private static byte[] Mutate(byte[] body, Random random)
    {
        var at = random.Next(body.Length);
        var interesting = "{}[]\",:\\n0tu \n\u0001"u8;
        return random.Next(4) switch
        {
            0 => [.. body[..at], .. body[Math.Min(body.Length, at + random.Next(1, 4))..]],
            1 => [.. body[..at], interesting[random.Next(interesting.Length)], .. body[at..]],
            2 => [.. body[..at], (byte)random.Next(256), .. body[Math.Min(body.Length, at + 1)..]],
            _ => body[..at],
        };
    }
}
