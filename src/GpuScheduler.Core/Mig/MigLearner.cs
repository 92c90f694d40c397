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
    private (int Slot, int Profile)[] _slots = [];

    // All profiles there can be; by their positions, the places there are in the whole cluster, and the prices: those in force, and today's.
    private MigProfile[] _profiles = [];
    private Dictionary<MigProfile, int> _positions = [];
    private long[] _places = [];
    private long _wholePlaces;
    private double[] _inForce = [];
    private double[] _today = [];

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

    /// <summary>The strategy for this snapshot; the same instance as long as prices stay about the same. Allocates nothing then.</summary>
    public MigStrategy Current(ClusterSnapshot cluster)
    {
        if (!ReferenceEquals(cluster.Tables, _tables)) Learn(cluster.Tables);
        if (_strategy is not null && _slots.Length == 0) return _strategy;
        CountPlaces(cluster);
        var wholePrice = Price();
        if (_strategy is not null && AreAboutAsInForce(_strategy.Prices.WholePerGiB, wholePrice)) return _strategy;
        _today.CopyTo(_inForce, 0);
        _strategy = new MigStrategy(catalog, new MigPriceList(_profiles.Zip(_inForce).ToDictionary(pair => pair.First, pair => pair.Second), wholePrice));
        Builds++;
        return _strategy;
    }

    /// <summary>Computes what <see cref="MigMix"/> and <see cref="MigPrices"/> say, for all profiles; the price of whole GPUs.</summary>
    private double Price()
    {
        // One request of the newest weight is the unit in which the prior counts.
        double asked = 0, mix = 0;
        foreach (var (_, weight) in _asked)
        {
            asked += (weight / _next) + MigMix.PriorRequests;
            mix += weight > 0 ? (weight / _next) + MigMix.PriorRequests : 0;
        }

        for (var i = 0; i < _profiles.Length; i++)
        {
            var share = mix <= 0 ? 1 : ((_asked.GetValueOrDefault(_profiles[i]) / _next) + MigMix.PriorRequests) / mix;
            _today[i] = MigPrices.Of(share, _profiles[i].MemoryGb, _places[i]);
        }

        var whole = _wholeAsked / _next;
        var wholeShare = _asked.Count == 0 && whole == 0 ? 1 : (whole + MigMix.PriorRequests) / (whole + MigMix.PriorRequests + asked);
        return MigPrices.Of(wholeShare, 1, _wholePlaces);
    }

    private bool AreAboutAsInForce(double wholeInForce, double wholeToday)
    {
        if (Differ(wholeInForce, wholeToday)) return false;
        for (var i = 0; i < _today.Length; i++)
        {
            if (Differ(_inForce[i], _today[i])) return false;
        }

        return true;

        static bool Differ(double inForce, double today) => Math.Abs(inForce - today) > Tolerance * Math.Max(inForce, today);
    }

    private void Learn(SnapshotTables tables)
    {
        _tables = tables;
        _pages.Clear();
        var slots = new List<(int Slot, MigProfile Profile)>();
        for (var slot = 0; slot < tables.Resources.Count; slot++)
        {
            var name = tables.Resources.Names[slot];
            if (resources.KindOf(name) == GpuResourceKind.MigSlice && MigProfile.TryParseResource(name, out var profile, out _)) slots.Add((slot, profile!));
        }

        _profiles = [.. catalog.Geometries.Concat(tables.MigGeometries).SelectMany(geometry => geometry.Profiles).Select(profile => profile.Profile)
            .Concat(slots.Select(slot => slot.Profile)).Distinct()];
        _positions = _profiles.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        _slots = [.. slots.Select(slot => (slot.Slot, _positions[slot.Profile]))];
        (_places, _wholePlaces, _today) = (new long[_profiles.Length], 0, new double[_profiles.Length]);
        _inForce = [.. _profiles.Select(profile => _strategy?.Prices[profile] ?? 0)];
    }

    /// <summary>Counts the pages that changed anew.</summary>
    private void CountPlaces(ClusterSnapshot cluster)
    {
        while (_pages.Count < cluster.Pages.Length) _pages.Add(new PagePlaces(_profiles.Length));
        for (var i = 0; i < cluster.Pages.Length; i++)
        {
            var (page, known) = (cluster.Pages[i], _pages[i]);
            if (ReferenceEquals(known.Page, page)) continue;
            Add(known, -1);
            Count(known, page, cluster.Tables);
            Add(known, 1);
        }
    }

    private void Add(PagePlaces page, int sign)
    {
        for (var i = 0; i < _places.Length; i++) _places[i] += sign * page.Places[i];
        _wholePlaces += sign * page.Whole;
    }

    private void Count(PagePlaces places, NodePage page, SnapshotTables tables)
    {
        places.Page = page;
        places.Whole = 0;
        Array.Clear(places.Places);
        foreach (var free in page.GpuWholeFree) places.Whole += free;
        foreach (var (slot, profile) in _slots)
        {
            var free = page.Free(slot);
            for (var row = 0; row < NodePage.RowCount; row++) places.Places[profile] += page.MigGpus[row] == 0 ? Math.Max(0, free[row]) : 0;
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
                    places.Places[_positions[geometry.Profiles[profile].Profile]] += geometry.Placeable(gpu, profile);
                }
            }
        }
    }

    private sealed class PagePlaces(int profiles)
    {
        public NodePage? Page { get; set; }

        public long[] Places { get; } = new long[profiles];

        public long Whole { get; set; }
    }
}
