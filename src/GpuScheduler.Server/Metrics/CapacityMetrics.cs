using System.Diagnostics.Metrics;
using System.Numerics;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Metrics;

/// <summary>What GPUs there are and what is in use, by model and resource, added up from the newest snapshot when it is asked for.</summary>
internal sealed class CapacityMetrics
{
    /// <summary>Models told apart; the devices of further ones are counted under <see cref="OtherModels"/>. No cluster has so many.</summary>
    public const int MostModels = 32;

    /// <summary>GPU resources told apart, likewise.</summary>
    public const int MostResources = 32;

    /// <summary>The label of everything beyond the bounds.</summary>
    public const string OtherModels = "other";

    private readonly SnapshotStore _store;
    private readonly GpuResourceCatalog _catalog;

    // A series that is not reported keeps its last value: what was there once is 0 afterwards.
    private readonly bool[] _knownModels = new bool[MostModels + 1];
    private readonly bool[,] _knownResources = new bool[MostResources + 1, MostModels + 1];
    private readonly Lock _adding = new();
    private volatile Sums _sums;

    public CapacityMetrics(Meter meter, SnapshotStore store, GpuResourceCatalog catalog)
    {
        (_store, _catalog) = (store, catalog);
        _sums = Add(ClusterSnapshot.Empty);
        Gauge("gpu_scheduler.devices", "{device}", "GPUs that can be given whole or in thousandths.", sums => sums.Devices, model => model.Devices);
        Gauge("gpu_scheduler.devices.allocated", "{device}", "GPUs in use; a GPU of which 0.3 is used counts 0.3.", sums => sums.Devices, model => model.Allocated);
        Gauge("gpu_scheduler.devices.whole_free", "{device}", "GPUs of which nothing is used.", sums => sums.Devices, model => model.WholeFree);
        Gauge(
            "gpu_scheduler.devices.fragmented", "{device}", "What is free on GPUs that are partly used: of no use to pods that ask for whole ones.",
            sums => sums.Devices, model => model.Fragmented);
        Gauge("gpu_scheduler.resource.allocatable", "{unit}", "What nodes offer of a GPU resource, in its own units.", sums => sums.Resources, of => of.Allocatable);
        Gauge("gpu_scheduler.resource.allocated", "{unit}", "What pods hold of a GPU resource, in its own units.", sums => sums.Resources, of => of.Allocated);
        Gauge(
            "gpu_scheduler.resource.overcommitted", "{unit}", "What pods hold of a GPU resource beyond what their node offers; 0 unless a node shrank or somebody else bound.",
            sums => sums.Resources, of => of.Overcommitted);

        void Gauge<T>(string name, string unit, string description, Func<Sums, IEnumerable<(T Sum, KeyValuePair<string, object?>[] Labels)>> of, Func<T, double> read) =>
            meter.CreateObservableGauge(name, () => of(Newest()).Select(entry => new Measurement<double>(read(entry.Sum), entry.Labels)), unit, description);
    }

    /// <summary>Seven instruments are asked one after the other: they share one look at the snapshot.</summary>
    private Sums Newest()
    {
        var snapshot = _store.Current;
        var sums = _sums;
        if (ReferenceEquals(sums.Of, snapshot)) return sums;
        lock (_adding) return _sums = Add(snapshot);
    }

    private Sums Add(ClusterSnapshot snapshot)
    {
        var tables = snapshot.Tables;
        var slots = Enumerable.Range(0, tables.Resources.Count)
            .Where(slot => _catalog.KindOf(tables.Resources.Names[slot]) != GpuResourceKind.None).ToArray();
        var devices = new DeviceSum[MostModels + 1];
        var resources = new ResourceSum[MostResources + 1, MostModels + 1];
        foreach (var page in snapshot.Pages)
        {
            for (var word = 0; word < page.Live.Length; word++)
            {
                for (var live = page.Live[word]; live != 0; live &= live - 1)
                {
                    var row = (word * 64) + BitOperations.TrailingZeroCount(live);
                    var model = Math.Min(page.ModelId[row], MostModels);
                    devices[model].Add(page.GpuCount[row], page.GpuWholeFree[row], page.GpuFreeMilli[row]);
                    for (var i = 0; i < slots.Length; i++)
                    {
                        resources[Math.Min(i, MostResources), model].Add(page.Allocatable(slots[i])[row], page.Free(slots[i])[row]);
                    }
                }
            }
        }

        return new Sums(
            snapshot,
            [.. devices.Select((sum, model) => (sum, model)).Where(entry => _knownModels[entry.model] |= entry.sum.Devices > 0).Select(entry => (entry.sum, Labels(Model(entry.model))))],
            [
                .. from resource in Enumerable.Range(0, Math.Min(slots.Length, MostResources + 1))
                   from model in Enumerable.Range(0, MostModels + 1)
                   where _knownResources[resource, model] |= resources[resource, model].IsThere
                   select (resources[resource, model], Labels(Model(model), resource < MostResources ? tables.Resources.Names[slots[resource]] : OtherModels)),
            ]);

        string Model(int id) => id == 0 ? "unknown" : id < MostModels ? tables.Models[id] : OtherModels;
    }

    private static KeyValuePair<string, object?>[] Labels(string model, string? resource = null) =>
        resource is null ? [new("model", model)] : [new("model", model), new("resource", resource)];

    private sealed record Sums(
        ClusterSnapshot Of,
        IReadOnlyList<(DeviceSum Sum, KeyValuePair<string, object?>[] Labels)> Devices,
        IReadOnlyList<(ResourceSum Sum, KeyValuePair<string, object?>[] Labels)> Resources);

    private struct DeviceSum
    {
        private long _count;
        private long _wholeFree;
        private long _freeMilli;

        public readonly double Devices => _count;

        public readonly double WholeFree => _wholeFree;

        public readonly double Allocated => _count - (_freeMilli / 1000.0);

        public readonly double Fragmented => (_freeMilli - (_wholeFree * 1000)) / 1000.0;

        public void Add(int count, int wholeFree, int freeMilli)
        {
            _count += count;
            _wholeFree += wholeFree;
            _freeMilli += freeMilli;
        }
    }

    private struct ResourceSum
    {
        private long _free;

        public long Allocatable { get; private set; }

        public long Overcommitted { get; private set; }

        public readonly long Allocated => Allocatable - _free;

        public readonly bool IsThere => Allocatable != 0 || _free != 0;

        public void Add(int allocatable, int free)
        {
            Allocatable += allocatable;
            _free += free;
            if (free < 0) Overcommitted -= free;
        }
    }
}
