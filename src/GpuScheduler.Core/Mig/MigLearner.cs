using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Mig;

/// <summary>
/// Keeps <see cref="MigStrategy"/> in step with what pods ask for and with what is left in the cluster. The writer tells it of every pod that
/// comes and asks for <see cref="Current"/> before each publication. Not thread-safe; the strategies it makes are immutable.
/// </summary>
/// <param name="catalog">The geometries.</param>
/// <param name="resources">Tells which resources are MIG slices.</param>
public sealed class MigLearner(MigCatalog catalog, GpuResourceCatalog resources)
{
    /// <summary>Prices that are off by more than this fraction are computed anew.</summary>
    public const double Tolerance = 0.05;

    /// <summary>Arrivals after which a request weighs half, as in <see cref="Packing.WorkloadHistogram"/>.</summary>
    private const double HalfLife = Packing.WorkloadHistogram.DefaultHalfLife;

    private const double Rescale = 1e100;

    private static readonly double Growth = Math.Pow(2, 1 / HalfLife);

    private readonly Dictionary<MigProfile, double> _asked = [];
    private readonly List<PagePlaces> _pages = [];
    private double _wholeAsked;
    private double _next = 1;
    private MigStrategy? _strategy;
    private SnapshotTables? _tables;
    private (int Slot, MigProfile Profile)[] _slots = [];

    /// <summary>How often a strategy was made.</summary>
    public int Builds { get; private set; }

    /// <summary>A pod came: the first time its UID is seen, whether or not it finds a place.</summary>
    public void Arrive(PodShape shape)
    {
        foreach (var request in shape.Mig) _asked[request.Profile] = _asked.GetValueOrDefault(request.Profile) + (_next * request.Count);
        _wholeAsked += _next * shape.Gpu.TotalMilli / GpuDemand.WholeMilli;
        _next *= Growth;
        if (_next < Rescale) return;
        foreach (var profile in _asked.Keys.ToArray()) _asked[profile] /= _next;
        _wholeAsked /= _next;
        _next = 1;
    }

    /// <summary>The strategy for this snapshot; the same instance as long as prices stay about the same.</summary>
    public MigStrategy Current(ClusterSnapshot cluster)
    {
        if (!ReferenceEquals(cluster.Tables, _tables)) Learn(cluster.Tables);
        if (_strategy is not null && _slots.Length == 0) return _strategy;
        var prices = PricesOf(Places(cluster, out var wholePlaces), wholePlaces);
        if (_strategy is null || !prices.IsAbout(_strategy.Prices, Tolerance))
        {
            _strategy = new MigStrategy(catalog, prices);
            Builds++;
        }

        return _strategy;
    }

    private MigPriceList PricesOf(MigInventory inventory, long wholePlaces)
    {
        // One request of the newest weight is the unit in which the prior counts.
        var mix = MigMix.FromCounts(_asked.Select(pair => KeyValuePair.Create(pair.Key, pair.Value / _next)));
        var whole = _wholeAsked / _next;
        var total = whole + MigMix.PriorRequests + _asked.Sum(pair => (pair.Value / _next) + MigMix.PriorRequests);
        var profiles = catalog.Geometries.SelectMany(geometry => geometry.Profiles).Select(profile => profile.Profile)
            .Concat(_slots.Select(slot => slot.Profile)).Distinct()
            .ToDictionary(profile => profile, profile => MigPrices.Of(mix.ShareOf(profile), profile.MemoryGb, inventory[profile]));
        var wholeShare = _asked.Count == 0 && whole == 0 ? 1 : (whole + MigMix.PriorRequests) / total;
        return new MigPriceList(profiles, MigPrices.Of(wholeShare, 1, wholePlaces));
    }

    private void Learn(SnapshotTables tables)
    {
        _tables = tables;
        _pages.Clear();
        var slots = new List<(int, MigProfile)>();
        for (var slot = 0; slot < tables.Resources.Count; slot++)
        {
            var name = tables.Resources.Names[slot];
            if (resources.KindOf(name) == GpuResourceKind.MigSlice && MigProfile.TryParseResource(name, out var profile, out _)) slots.Add((slot, profile!));
        }

        _slots = [.. slots];
    }

    private MigInventory Places(ClusterSnapshot cluster, out long wholePlaces)
    {
        while (_pages.Count < cluster.Pages.Length) _pages.Add(new PagePlaces());
        var inventory = new MigInventory();
        wholePlaces = 0;
        for (var i = 0; i < cluster.Pages.Length; i++)
        {
            var page = cluster.Pages[i];
            if (!ReferenceEquals(_pages[i].Page, page)) Count(_pages[i], page, cluster.Tables);
            foreach (var (profile, places) in _pages[i].Places) inventory.Add(profile, places);
            wholePlaces += _pages[i].Whole;
        }

        return inventory;
    }

    private void Count(PagePlaces places, NodePage page, SnapshotTables tables)
    {
        places.Page = page;
        places.Whole = 0;
        places.Places.Clear();
        foreach (var free in page.GpuWholeFree) places.Whole += free;
        foreach (var (slot, profile) in _slots)
        {
            var free = page.Free(slot);
            var sum = 0L;
            for (var row = 0; row < NodePage.RowCount; row++) sum += page.MigGpus[row] == 0 ? Math.Max(0, free[row]) : 0;
            if (sum > 0) places.Places[profile] = places.Places.GetValueOrDefault(profile) + sum;
        }

        Span<MigOccupancy> taken = stackalloc MigOccupancy[NodePage.MaxDevices];
        for (var row = 0; row < NodePage.RowCount; row++)
        {
            if (page.MigGpus[row] == 0) continue;
            var geometry = tables.MigGeometries[page.MigGeometryId[row] - 1];
            foreach (var gpu in taken[..MigRoom.Read(page, row, taken)])
            {
                for (var profile = 0; profile < geometry.Profiles.Count; profile++)
                {
                    var name = geometry.Profiles[profile].Profile;
                    places.Places[name] = places.Places.GetValueOrDefault(name) + geometry.Placeable(gpu, profile);
                }
            }
        }
    }

    private sealed class PagePlaces
    {
        public NodePage? Page { get; set; }

        public Dictionary<MigProfile, long> Places { get; } = [];

        public long Whole { get; set; }
    }
}
