using System.Text;
using System.Text.Json.Nodes;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Kubernetes;

namespace GpuScheduler.Cluster.Tests.Nomination;

/// <summary>Plays a random life of a cluster around a nominator, and checks its nominations against what is free.</summary>
internal sealed class NominationHistory(int seed, NominationHarness cluster)
{
    private const int Nodes = 6;

    private readonly Random _random = new(seed);
    private readonly HashSet<string> _nodes = [];
    private readonly HashSet<string> _foreign = [];
    private int _next;

    public async Task StepAsync()
    {
        switch (_random.Next(12))
        {
            case 0:
            case var _ when _nodes.Count < 2:
                await PutNodeAsync();
                break;
            case 1:
                await RemoveNodeAsync();
                break;
            case 2 or 3 when Waiting().ToList() is { Count: > 0 } waiting:
                BindSomewhere(Pick(waiting));
                break;
            case 4 or 5 when Waiting().Where(pod => Nominated(pod) is { } node && _nodes.Contains(node)).ToList() is { Count: > 0 } nominated:
                var landing = Pick(nominated);
                if (!_foreign.Contains(NameOf(landing))) cluster.Bind(NameOf(landing), Nominated(landing)!);
                break;
            case 6 when cluster.Server.All(ResourceType.Pods) is { Count: > 0 } all:
                cluster.Delete(NameOf(Pick(all)));
                break;
            case 7 when Waiting().ToList() is { Count: > 0 } waiting:
                Overrule(NameOf(Pick(waiting)));
                break;
            default:
                for (var i = _random.Next(1, 5); i > 0; i--) Create();
                break;
        }
    }

    /// <summary>On every node what pods hold and what we nominated fit together, devices included.</summary>
    public void AssertWithinCapacity(string when)
    {
        var snapshot = cluster.Store.Current;
        foreach (var group in Waiting().Where(pod => Nominated(pod) is not null && !_foreign.Contains(NameOf(pod))).GroupBy(pod => Nominated(pod)!))
        {
            var row = snapshot.Names.Find(Encoding.UTF8.GetBytes(group.Key));
            Assert.True(row is not null, $"{when}: {group.Key} is not there");
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            var free = page.DeviceFreeMilli(at).ToArray();
            var demands = group.Select(Demand).ToList();
            var wholeSlot = snapshot.Tables.Resources.SlotOf(GpuResourceCatalog.NvidiaGpu);
            Assert.True(demands.Sum(demand => demand.Whole) <= page.Free(wholeSlot)[at], $"{when}: {group.Key} is promised more GPUs than it has left");
            Assert.True(demands.Sum(demand => demand.Whole) <= free.Count(milli => milli == 1000), $"{when}: {group.Key} lacks free devices");
            foreach (var whole in demands.Where(demand => demand.Whole > 0))
            {
                for (var i = 0; i < whole.Whole; i++) free[Array.IndexOf(free, (ushort)1000)] = 0;
            }

            foreach (var share in demands.Where(demand => demand.Milli > 0))
            {
                var device = Enumerable.Range(0, free.Length).Where(index => free[index] >= share.Milli).OrderBy(index => free[index]).FirstOrDefault(-1);
                Assert.True(device >= 0, $"{when}: {group.Key} has no device left for {share.Milli} thousandths");
                free[device] -= (ushort)share.Milli;
            }
        }
    }

    private static string NameOf(JsonObject pod) => (string)pod["metadata"]!["name"]!;

    private static string? Nominated(JsonObject pod) => (string?)pod["status"]?["nominatedNodeName"];

    private static (int Whole, int Milli) Demand(JsonObject pod)
    {
        var limits = pod["spec"]!["containers"]![0]!["resources"]!["limits"]!.AsObject();
        var amount = int.Parse((string)limits.First().Value!, System.Globalization.CultureInfo.InvariantCulture);
        return limits.First().Key == GpuResourceCatalog.NvidiaGpu ? (amount, 0) : (0, amount);
    }

    private IEnumerable<JsonObject> Waiting() => cluster.Server.All(ResourceType.Pods).Where(pod => pod["spec"]!["nodeName"] is null);

    private async Task PutNodeAsync()
    {
        var name = $"n{_random.Next(Nodes)}";
        _nodes.Add(name);
        await cluster.NodeAsync(name, _random.Next(1, 9));
    }

    private async Task RemoveNodeAsync()
    {
        var name = Pick(_nodes.ToList());
        _nodes.Remove(name);
        await cluster.RemoveNodeAsync(name);
    }

    private void Create()
    {
        var isShare = _random.Next(3) == 0;
        cluster.Pod(
            $"p{_next++}", isShare ? 500 : _random.Next(1, 4), _random.Next(3) * 10,
            resource: isShare ? GpuResourceCatalog.GpuMilli : GpuResourceCatalog.NvidiaGpu);
    }

    /// <summary>Somebody binds it where there is room by what is bound already, whatever was promised there.</summary>
    private void BindSomewhere(JsonObject pod)
    {
        var (whole, milli) = Demand(pod);
        var snapshot = cluster.Store.Current;
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            var fits = whole > 0 ? page.GpuWholeFree[at] >= whole : page.GpuMaxFreeMilli[at] >= milli;
            if (!fits || _random.Next(2) == 0) continue;
            cluster.Bind(NameOf(pod), row.Name);
            return;
        }
    }

    private void Overrule(string pod)
    {
        var node = _random.Next(3) == 0 ? null : $"n{_random.Next(Nodes)}";
        if (node is null) _foreign.Remove(pod);
        else _foreign.Add(pod);
        cluster.Overrule(pod, node);
    }

    private T Pick<T>(IReadOnlyList<T> from) => from[_random.Next(from.Count)];
}
