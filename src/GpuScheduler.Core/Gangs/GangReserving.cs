using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Gangs;

/// <summary>
/// Decides for which gang nodes are to be kept, so that it does not wait for ever while smaller ones take every room that becomes free: the first, in the
/// order of their turns, of those that have waited long enough and could start on an emptier cluster. One gang at a time, so that reservations never
/// wait for each other. A function of the snapshot, the time and the plans.
/// </summary>
/// <param name="plans">The plans that filter answers from.</param>
/// <param name="options">The options of the ledger that the snapshots come from.</param>
/// <param name="after">How long a gang waits before; zero for never.</param>
public sealed class GangReserving(GangPlans plans, LedgerOptions options, TimeSpan after)
{
    /// <summary>Gangs that are looked at; those before them in turn that cannot start even on an empty cluster keep nothing.</summary>
    private const int MaxGangs = 4;

    private readonly LedgerOptions _options = options.ForTrial();

    /// <summary>What to keep from now on; null for nothing.</summary>
    public GangReservation? Next(ClusterSnapshot snapshot, DateTimeOffset now)
    {
        if (after <= TimeSpan.Zero) return null;
        if (snapshot.Reservation is { } binding && snapshot.Gangs.Find(binding.Key) is { Held: not null }) return binding;
        var due = snapshot.Gangs.All.Where(gang => IsDue(gang, now)).Order(GangOrder.Instance).Take(MaxGangs);
        foreach (var gang in due)
        {
            var last = snapshot.Reservation is { } kept && kept.Key == gang.Key ? kept : null;
            if (plans.Of(snapshot, gang.Key) is { Fits: true, Places.IsEmpty: false } plan)
            {
                // Its pods are on their way, and nobody may get there first. What was kept before stays, in case somebody did.
                var planned = plan.Places.Select(place => place.NodeName);
                return new GangReservation(gang.Key, gang.Priority, last?.Domain ?? plan.Domain, [.. planned.Union(last?.Nodes ?? []).Order(StringComparer.Ordinal)]);
            }

            if (new GangPlanner(snapshot, new TrialCluster(snapshot, _options)).Keep(gang, last) is { } found) return found;
        }

        return null;
    }

    /// <summary>It waits whole, and has since its last pod was created.</summary>
    private bool IsDue(Gang gang, DateTimeOffset now) =>
        gang is { IsStarted: false, IsIncomplete: false, IsSetAside: false, IsUnknown: false, Held: null, Waiting.IsEmpty: false }
        && now - gang.Waiting.Max(pod => pod.CreatedAt) >= after;
}
