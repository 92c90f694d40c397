using GpuScheduler.Core.Ledger;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Ledger;

public sealed class PodTableTests
{
    private readonly PodTable _table = new();

    [Fact]
    public void Name_NameStandsForAnother_StandsForThisOne()
    {
        var first = Add("web", "1");
        var second = Add("web", "2");

        Assert.Same(second, Found("web"));
        Assert.Same(first, _table.Find("1"));
        _table.Name(first);
        Assert.Same(first, Found("web"));
    }

    [Fact]
    public void Remove_NameStandsForAnother_LeavesIt()
    {
        var first = Add("web", "1");
        var second = Add("web", "2");

        _table.Remove(first);

        Assert.Same(second, Found("web"));
        Assert.Null(_table.Find("1"));
        Assert.Equal([second], _table.All);
    }

    [Fact]
    public void Add_SlotsWereFreed_TakesTheOneFreeForLongest()
    {
        var (first, second) = (Add("a", "a"), Add("b", "b"));
        var (firstSlot, secondSlot) = (first.Slot, second.Slot);
        _table.Remove(second);
        _table.Remove(first);

        Assert.Equal([secondSlot, firstSlot], [Add("c", "c").Slot, Add("d", "d").Slot]);
    }

    [Fact]
    public void All_OthersHaveSlots_NamesPodsAlone()
    {
        var pod = Add("a", "a");
        _table.Slots.Take(new PodEntry(MakePod.Named("held").Uid("held").Build()) { IsReservation = true });

        Assert.Equal([pod], _table.All);
        Assert.Equal(1, _table.Count);
    }

    /// <summary>Whatever is done to it, it knows what two dictionaries know.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AnyHistory_AgainstDictionaries_KnowsTheSame(int seed)
    {
        var random = new Random(seed);
        var byUid = new Dictionary<string, PodEntry>();
        var byName = new Dictionary<string, PodEntry>();
        for (var step = 0; step < 10_000; step++)
        {
            var uid = $"{random.Next(3_000)}";
            if (!byUid.TryGetValue(uid, out var entry))
            {
                var name = $"pod-{random.Next(500)}";
                byUid[uid] = byName[name] = Add(name, uid);
            }
            else if (random.Next(3) > 0)
            {
                _table.Remove(entry);
                byUid.Remove(uid);
                if (byName.TryGetValue(entry.Pod.Name, out var named) && ReferenceEquals(named, entry)) byName.Remove(entry.Pod.Name);
            }
            else
            {
                _table.Name(entry);
                byName[entry.Pod.Name] = entry;
            }
        }

        Assert.Equal(byUid.Count, _table.Count);
        Assert.Equal(byUid.Values.OrderBy(entry => entry.Slot), _table.All);
        for (var i = 0; i < 3_000; i++) Assert.Same(byUid.GetValueOrDefault($"{i}"), _table.Find($"{i}"));
        for (var i = 0; i < 500; i++) Assert.Same(byName.GetValueOrDefault($"pod-{i}"), Found($"pod-{i}"));
    }

    private PodEntry Add(string name, string uid)
    {
        var entry = new PodEntry(MakePod.Named(name).Uid(uid).Build());
        _table.Add(entry);
        return entry;
    }

    private PodEntry? Found(string name) => _table.Find(MakePod.Named(name).Build().Namespace, name);
}
