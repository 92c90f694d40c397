using System.Text;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Snapshots;

public sealed class NameIndexTests
{
    private const int LongestOfManyAtOnce = 64;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 30)]
    [InlineData(4, 700)]
    [InlineData(5, 9_000)]
    public void Find_KnownAndUnknownNames_FindsTheRowsOfTheKnown(int seed, int count)
    {
        var random = new Random(seed);
        var (names, index) = Index(random, count, longest: 200);
        foreach (var row in index.Rows) Assert.Same(row, index.Find(row.NameUtf8));
        Assert.Equal(names.Count, index.Count);
        for (var i = 0; i < 1000; i++)
        {
            var name = Name(random, 200);
            Assert.Equal(names.Contains(name), index.Find(Encoding.UTF8.GetBytes(name)) is not null);
        }

        Assert.Null(index.Find([]));
    }

    [Theory]
    [InlineData(1, 0, 10)]
    [InlineData(2, 1, 32)]
    [InlineData(3, 500, 32)]
    [InlineData(4, 3_000, 33)]
    [InlineData(5, 3_000, 64)]
    [InlineData(6, 3_000, 120)]
    [InlineData(7, 9_000, 32)]
    public void FindAll_NamesInAText_FindsWhatFindFinds(int seed, int count, int longest)
    {
        var random = new Random(seed);
        var (known, index) = Index(random, count, longest);
        var names = known.Concat(Enumerable.Range(0, 500).Select(_ => Name(random, longest))).Append("").ToArray();
        random.Shuffle(names);
        var (text, quotes) = Text(names, random);
        var rows = new int[names.Length];
        index.FindAll(text, quotes, rows);
        for (var i = 0; i < names.Length; i++)
        {
            var expected = names[i].Length <= LongestOfManyAtOnce && known.Contains(names[i]) ? index.Find(Encoding.UTF8.GetBytes(names[i]))!.Row : -1;
            Assert.Equal(expected, rows[i]);
        }
    }

    [Fact]
    public void FindAll_TextEndsWithinReach_Throws()
    {
        var (_, index) = Index(new Random(1), 5, 10);
        Assert.Throws<ArgumentException>(() => index.FindAll(new byte[NameIndex.Reach + 1], [1, 3], new int[1]));
    }

    [Fact]
    public void Names_NodeChanges_ShowTheNewNodeInTheSameRow()
    {
        var ledger = new ClusterLedger();
        ledger.UpsertNode(MakeNode.Named("a").Gpus(1).Build());
        ledger.UpsertNode(MakeNode.Named("b").Gpus(1).Build());
        var before = ledger.Publish().Names;
        ledger.UpsertNode(MakeNode.Named("b").Gpus(2).Build());
        var changed = ledger.Publish().Names;
        Assert.Equal(before.Find("b"u8)!.Row, changed.Find("b"u8)!.Row);
        Assert.NotSame(before.Find("b"u8), changed.Find("b"u8));
        ledger.DeleteNode("a");
        ledger.UpsertNode(MakeNode.Named("c").Gpus(1).Build());
        var after = ledger.Publish().Names;
        Assert.Null(after.Find("a"u8));
        Assert.Equal("c", after.Find("c"u8)!.Name);
    }

    private static (HashSet<string> Names, NameIndex Index) Index(Random random, int count, int longest)
    {
        var names = new HashSet<string>();
        var ledger = new ClusterLedger();
        while (names.Count < count)
        {
            var name = Name(random, longest);
            if (names.Add(name)) ledger.UpsertNode(MakeNode.Named(name).Build());
        }

        foreach (var name in names.Where((_, i) => i % 7 == 3).ToArray())
        {
            names.Remove(name);
            ledger.DeleteNode(name);
        }

        return (names, ledger.Publish().Names);
    }

    /// <summary>Names that differ in little: in a digit, in a letter at the end, in their length.</summary>
    private static string Name(Random random, int longest)
    {
        var name = random.Next(4) switch
        {
            0 => $"ip-10-{random.Next(4)}-{random.Next(256)}-{random.Next(256)}.eu-central-1.compute.internal",
            1 => $"gpu-{random.Next(100_000):00000}",
            2 => new string('a', random.Next(1, longest + 1)),
            _ => $"{new string('b', random.Next(longest))}{random.Next(1000)}",
        };
        return name[..Math.Min(longest, name.Length)];
    }

    private static (byte[] Text, int[] Quotes) Text(string[] names, Random random)
    {
        var text = new List<byte> { (byte)'"' };
        var quotes = new List<int>();
        foreach (var name in names)
        {
            quotes.Add(text.Count - 1);
            text.AddRange(Encoding.UTF8.GetBytes(name));
            quotes.Add(text.Count);
            text.AddRange("\",\""u8);
        }

        var noise = new byte[NameIndex.Reach];
        random.NextBytes(noise);
        return ([.. text, .. noise], [.. quotes]);
    }
}
