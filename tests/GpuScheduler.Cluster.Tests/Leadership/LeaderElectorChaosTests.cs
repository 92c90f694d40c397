namespace GpuScheduler.Cluster.Tests.Leadership;

/// <summary>
/// Slow, lost and late calls, cut-off machines, skewed clocks, hands on the lease, restarts: never two leaders (checked after every single step by
/// the simulation), and in the end exactly one.
/// </summary>
public sealed class LeaderElectorChaosTests
{
    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void RunAsync_AnySequenceOfFaults_NeverTwoLeadersAndInTheEndOne(int count, bool restarts)
    {
        var terms = 0;
        for (var seed = 1; seed <= 60; seed++)
        {
            var random = new Random(seed);
            using var sim = new Simulation();
            for (var i = 0; i < count; i++) AddCandidate(sim, random);
            for (var step = 0; step < 60; step++)
            {
                // for a process that never saw the lease a deleted one looks like a first installation: the one thing nobody can be safe against
                Disturb(sim, random, restarts);
                sim.Run(TimeSpan.FromSeconds(random.NextDouble() * 15));
            }

            foreach (var candidate in sim.Candidates) candidate.Api.Trip = () => (TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
            sim.Run(TimeSpan.FromMinutes(1));

            Assert.NotNull(sim.Leader);
            terms += sim.Candidates.Sum(c => c.Terms.Count);
        }

        // the faults must have unseated leaders, or this shows nothing
        Assert.True(terms > 60 * 3, $"only {terms} terms");
    }

    private static void AddCandidate(Simulation sim, Random random)
    {
        var offset = TimeSpan.FromSeconds(random.Next(-100_000, 100_000));
        var rate = 0.9 + (random.NextDouble() * 0.2);
        var candidate = sim.Add($"c{sim.Candidates.Count}-{random.Next()}", offset, rate);
        candidate.Api.Trip = Trip(random, 0.1);
    }

    private static Func<(TimeSpan?, TimeSpan?)> Trip(Random random, double loss) => () => (Way(random, loss), Way(random, loss));

    private static TimeSpan? Way(Random random, double loss)
    {
        if (random.NextDouble() < loss) return null;
        return TimeSpan.FromSeconds(random.NextDouble() switch { < 0.8 => 0.05, < 0.95 => 1, _ => 20 } * random.NextDouble());
    }

    private static void Disturb(Simulation sim, Random random, bool restarts)
    {
        var alive = sim.Candidates.Where(c => !c.Running.IsCompleted).ToList();
        var one = alive[random.Next(alive.Count)];
        switch (random.Next(10))
        {
            case 0:
                one.Api.Trip = Trip(random, 1);
                break;
            case 1:
                (sim.Leader ?? one).Api.Trip = Trip(random, 0.95);
                break;
            case 2 or 3 or 4:
                one.Api.Trip = Trip(random, 0.1);
                break;
            case 5 when restarts:
                one.Stop();
                AddCandidate(sim, random);
                break;
            case 5 when sim.Candidates.TrueForAll(c => c.HasSeenTheLease):
                sim.Lease.Delete();
                break;
            case 6:
                sim.Lease.Edit(lease => lease with { HolderIdentity = random.Next(3) switch { 0 => "", 1 => "ghost", _ => one.Identity }, LeaseDurationSeconds = 15 });
                break;
            case 7:
                sim.Lease.Edit(lease => lease.HolderIdentity.Length == 0 ? lease : lease with { LeaseDurationSeconds = random.Next(2, 20) });
                break;
            default:
                break;
        }
    }
}
