using GpuScheduler.Core.Mig;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Mig;

/// <summary>How requests spread over profiles, from the smallest (memory, then compute) to the largest; only profiles without suffix are asked for.</summary>
internal enum MigRequestMix
{
    /// <summary>All alike.</summary>
    Uniform,

    /// <summary>Of n profiles the r-th smallest has weight n + 1 - r: on an A100 29, 24, 19, 14, 10 and 5 %.</summary>
    SkewSmall,

    /// <summary>Of n profiles the r-th smallest has weight r.</summary>
    SkewBig,

    /// <summary>Of n profiles the r-th smallest has weight |2r - n - 1|, at least 1: on an A100 28, 17, 6, 6, 17 and 28 %.</summary>
    Bimodal,
}

/// <summary>A request: it arrives, and when it is placed it stays for its lifetime; otherwise it is lost.</summary>
/// <param name="Time">When it arrives, in mean lifetimes.</param>
/// <param name="Lifetime">How long it would stay, in mean lifetimes.</param>
/// <param name="Profile">Position of the profile in the geometry.</param>
internal readonly record struct MigRequest(double Time, double Lifetime, int Profile);

/// <summary>Requests that follow from a seed: Poisson arrivals, exponential lifetimes of mean 1, the same for every policy.</summary>
internal static class MigWorkload
{
    /// <summary>Weights by profile, summing to 1; 0 for profiles with a suffix.</summary>
    public static double[] Shares(MigGeometry geometry, MigRequestMix mix)
    {
        var asked = Enumerable.Range(0, geometry.Profiles.Count).Where(index => geometry.Profiles[index].Profile.Suffix == MigProfileSuffix.None)
            .OrderBy(index => geometry.Profiles[index].Size).ThenBy(index => geometry.Profiles[index].Profile.ComputeSlices).ToArray();
        var weights = new double[geometry.Profiles.Count];
        for (var rank = 1; rank <= asked.Length; rank++)
        {
            weights[asked[rank - 1]] = mix switch
            {
                MigRequestMix.Uniform => 1,
                MigRequestMix.SkewSmall => asked.Length + 1 - rank,
                MigRequestMix.SkewBig => rank,
                _ => Math.Max(1, Math.Abs((2 * rank) - asked.Length - 1)),
            };
        }

        var total = weights.Sum();
        return [.. weights.Select(weight => weight / total)];
    }

    /// <summary>The requests.</summary>
    /// <param name="geometry">The GPUs.</param>
    /// <param name="gpus">How many.</param>
    /// <param name="mix">What is asked for.</param>
    /// <param name="load">Memory slices asked for at a time, were nothing lost, per slice of the fleet.</param>
    /// <param name="count">How many requests.</param>
    /// <param name="seed">Chooses the sequence.</param>
    public static IReadOnlyList<MigRequest> Requests(MigGeometry geometry, int gpus, MigRequestMix mix, double load, int count, long seed)
    {
        var shares = Shares(geometry, mix);
        var meanSize = shares.Select((share, profile) => share * geometry.Profiles[profile].Size).Sum();
        var rate = load * gpus * geometry.Grid.Size / meanSize;
        var random = new ReplayRandom(seed, "mig-replay");
        var requests = new MigRequest[count];
        var time = 0.0;
        for (var index = 0; index < count; index++)
        {
            time += Exponential(random) / rate;
            requests[index] = new MigRequest(time, Exponential(random), Draw(shares, random.NextDouble()));
        }

        return requests;
    }

    /// <summary>
    /// Requests that fill an empty fleet: one per slot of time, until they ask for <paramref name="load"/> times the slices there are. A request stays
    /// for a uniform part of the time in which as much is asked for as there is, or for good.
    /// </summary>
    public static IReadOnlyList<MigRequest> Filling(MigGeometry geometry, int gpus, MigRequestMix mix, double load, bool leave, long seed)
    {
        var shares = Shares(geometry, mix);
        var slices = gpus * geometry.Grid.Size;
        var slots = slices / shares.Select((share, profile) => share * geometry.Profiles[profile].Size).Sum();
        var random = new ReplayRandom(seed, "mig-replay");
        var requests = new List<MigRequest>();
        for (var asked = 0; asked < load * slices;)
        {
            var request = new MigRequest(requests.Count, leave ? random.NextDouble() * slots : double.PositiveInfinity, Draw(shares, random.NextDouble()));
            asked += geometry.Profiles[request.Profile].Size;
            requests.Add(request);
        }

        return requests;
    }

    private static double Exponential(ReplayRandom random) => -Math.Log(1 - random.NextDouble());

    private static int Draw(double[] shares, double at)
    {
        var last = -1;
        for (var profile = 0; profile < shares.Length; profile++)
        {
            if (shares[profile] <= 0) continue;
            last = profile;
            at -= shares[profile];
            if (at < 0) break;
        }

        return last;
    }
}
