using GpuScheduler.Core.Mig;

namespace GpuScheduler.Simulation.Mig;

/// <summary>What is replayed.</summary>
public sealed record MigReplayOptions
{
    /// <summary>Geometry of all GPUs, by its name in <see cref="MigCatalog.Default"/>.</summary>
    public string Gpu { get; init; } = "A100-80GB";

    /// <summary>How many GPUs, at least 1.</summary>
    public int Gpus { get; init; } = 100;

    /// <summary>Offered loads: memory slices asked for at a time per slice there is.</summary>
    public IReadOnlyList<double> Loads { get; init; } = [0.85, 1.0, 1.15, 1.3];

    /// <summary>Seeds; results are means over them.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [1, 2, 3, 4, 5];

    /// <summary>How requests come and go.</summary>
    public MigArrivals Arrivals { get; init; }

    /// <summary>Requests per run of <see cref="MigArrivals.Steady"/>; the first fifth fills the fleet and is not counted.</summary>
    public int Requests { get; init; } = 25_000;
}

/// <summary>How requests come and go.</summary>
public enum MigArrivals
{
    /// <summary>Poisson arrivals and exponential lifetimes for a long time: the state a fleet settles in.</summary>
    Steady,

    /// <summary>An empty fleet is filled once, one request per slot of time, and what is placed stays.</summary>
    Filling,

    /// <summary>The same, and requests leave after a uniform part of the time in which as much is asked for as there is.</summary>
    FillingAndLeaving,
}

/// <summary>
/// Compares policies for dynamic MIG in a loss system: requests that fit nowhere are lost, nothing is moved, every policy sees the same
/// requests. Deterministic.
/// </summary>
public static class MigReplay
{
    private const int WarmUpFraction = 5;

    /// <summary>The policies: the first is the service's own.</summary>
    private static readonly (string Name, Func<MigGeometry, MigPolicy> Make)[] Policies =
    [
        (MigReplayReport.OwnPolicy, _ => new RemainingValuePolicy()),
        ("mfi", geometry => new FragmentationIncrementPolicy(geometry, MigFragmentationRule.BlockedOfFittingProfiles)),
        ("mfi-partly-blocked", geometry => new FragmentationIncrementPolicy(geometry, MigFragmentationRule.PartlyBlocked)),
        ("best-fit", _ => new FreeSlicesPolicy(fewest: true)),
        ("first-fit", _ => new FirstFitPolicy()),
        ("round-robin", _ => new RoundRobinPolicy()),
        ("worst-fit", _ => new FreeSlicesPolicy(fewest: false)),
    ];

    /// <summary>
    /// Further baselines of the filling setups: best fit and worst fit at the start that blocks fewest starts of other instances ("best index").
    /// </summary>
    private static readonly (string Name, Func<MigGeometry, MigPolicy> Make)[] BestIndexPolicies =
    [
        ("best-fit-best-index", _ => new FreeSlicesPolicy(fewest: true, bestIndex: true)),
        ("worst-fit-best-index", _ => new FreeSlicesPolicy(fewest: false, bestIndex: true)),
    ];

    /// <summary>Runs everything.</summary>
    /// <exception cref="ArgumentException">The GPU is not known, its placements are not, or a number is out of range.</exception>
    public static MigReplayReport Run(MigReplayOptions options, CancellationToken cancellation)
    {
        var geometry = MigCatalog.Default.Geometries.FirstOrDefault(geometry => geometry.Name == options.Gpu && geometry.Grid.Size > 0)
            ?? throw new ArgumentException(
                $"GPU '{options.Gpu}' is not known; choose one of {string.Join(", ", MigCatalog.Default.Geometries.Where(known => known.Grid.Size > 0))}",
                nameof(options));
        if (options.Gpus < 1 || options.Requests < WarmUpFraction || options.Seeds.Count == 0 || options.Loads.Any(load => !(load > 0)))
        {
            throw new ArgumentException("a replay needs at least one GPU, five requests and one seed, and loads above 0", nameof(options));
        }

        var cells = new List<MigReplayCell>();
        foreach (var mix in Enum.GetValues<MigRequestMix>())
        {
            foreach (var load in options.Loads)
            {
                var runs = options.Seeds.Select(seed => options.Arrivals == MigArrivals.Steady
                    ? MigWorkload.Requests(geometry, options.Gpus, mix, load, options.Requests, seed)
                    : MigWorkload.Filling(geometry, options.Gpus, mix, load, options.Arrivals == MigArrivals.FillingAndLeaving, seed)).ToArray();
                foreach (var (name, make) in options.Arrivals == MigArrivals.Steady ? Policies : [.. Policies, .. BestIndexPolicies])
                {
                    var outcomes = new List<Outcome>();
                    foreach (var requests in runs)
                    {
                        cancellation.ThrowIfCancellationRequested();
                        outcomes.Add(Run(new MigFleet(geometry, options.Gpus), make(geometry), requests, WarmUpOf(requests)));
                    }

                    cells.Add(CellOf(name, outcomes));
                }

                cells.Add(CellOf(MigReplayReport.Pool, [.. runs.Select(requests => RunPool(geometry, options.Gpus, requests, WarmUpOf(requests)))]));

                MigReplayCell CellOf(string policy, List<Outcome> outcomes) => new(
                    mix.ToString(), load, policy, outcomes.Average(outcome => outcome.Requests), outcomes.Average(outcome => outcome.SlicesAsked),
                    [.. outcomes.Select(outcome => outcome.Accepted)], outcomes.Average(outcome => outcome.SlicesAccepted));
            }
        }

        return new MigReplayReport(options, cells);

        int WarmUpOf(IReadOnlyList<MigRequest> requests) => options.Arrivals == MigArrivals.Steady ? requests.Count / WarmUpFraction : 0;
    }

    private static Outcome Run(MigFleet fleet, MigPolicy policy, IReadOnlyList<MigRequest> requests, int warmUp)
    {
        var outcome = new Outcome();
        var leaving = new PriorityQueue<(int Profile, MigSpot Spot), double>();
        for (var index = 0; index < requests.Count; index++)
        {
            var request = requests[index];
            while (leaving.TryPeek(out var gone, out var time) && time <= request.Time)
            {
                leaving.Dequeue();
                fleet.Remove(gone.Profile, gone.Spot);
            }

            var spot = policy.Choose(fleet, request.Profile);
            var placed = spot != MigSpot.None;
            if (placed)
            {
                fleet.Place(request.Profile, spot);
                leaving.Enqueue((request.Profile, spot), request.Time + request.Lifetime);
            }

            if (index >= warmUp) outcome.Count(fleet.Geometry.Profiles[request.Profile].Size, placed);
        }

        return outcome;
    }

    /// <summary>The same requests on one pool of as many slices, where everything fits that is not larger than what is free.</summary>
    private static Outcome RunPool(MigGeometry geometry, int gpus, IReadOnlyList<MigRequest> requests, int warmUp)
    {
        var outcome = new Outcome();
        var free = gpus * geometry.Grid.Size;
        var leaving = new PriorityQueue<int, double>();
        for (var index = 0; index < requests.Count; index++)
        {
            var request = requests[index];
            var size = geometry.Profiles[request.Profile].Size;
            while (leaving.TryPeek(out _, out var time) && time <= request.Time) free += leaving.Dequeue();
            var placed = size <= free;
            if (placed)
            {
                free -= size;
                leaving.Enqueue(size, request.Time + request.Lifetime);
            }

            if (index >= warmUp) outcome.Count(size, placed);
        }

        return outcome;
    }

    private sealed class Outcome
    {
        public int Requests { get; private set; }

        public int Accepted { get; private set; }

        public long SlicesAsked { get; private set; }

        public long SlicesAccepted { get; private set; }

        public void Count(int slices, bool accepted)
        {
            Requests++;
            SlicesAsked += slices;
            if (!accepted) return;
            Accepted++;
            SlicesAccepted += slices;
        }
    }
}
