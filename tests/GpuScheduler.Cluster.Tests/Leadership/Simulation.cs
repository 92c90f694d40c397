using GpuScheduler.Testing;

namespace GpuScheduler.Cluster.Tests.Leadership;

/// <summary>
/// Candidates for one lease in simulated time, all on the test's own thread: each step moves to the next timer, and what it sets off has happened
/// when the step returns. After every step at most one candidate may lead.
/// </summary>
internal sealed class Simulation : IDisposable
{
    private readonly SynchronizationContext? _context = SynchronizationContext.Current;

    public Simulation()
    {
        // continuations must run inside the step that causes them
        SynchronizationContext.SetSynchronizationContext(null);
        Lease = new SimulatedLease(Truth);
    }

    public FakeTimeProvider Truth { get; } = new();

    public SimulatedLease Lease { get; }

    public List<Candidate> Candidates { get; } = [];

    public Candidate? Leader => Candidates.SingleOrDefault(c => c.IsLeading);

    public Candidate Add(string identity, TimeSpan offset = default, double rate = 1)
    {
        var candidate = new Candidate(Lease, identity, Candidates.Count + 1, offset, rate);
        Candidates.Add(candidate);
        candidate.Start();
        return candidate;
    }

    /// <summary>Lets so much time pass.</summary>
    public void Run(TimeSpan duration)
    {
        var end = Truth.GetUtcNow() + duration;
        while (Truth.DueTimes is [var due, ..] && due <= end)
        {
            Truth.AdvanceToNextTimer();
            Check();
        }

        Truth.Advance(end - Truth.GetUtcNow());
        Check();
    }

    /// <summary>Runs until the condition holds; the time it took.</summary>
    public TimeSpan RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var start = Truth.GetUtcNow();
        while (!condition())
        {
            Assert.True(Truth.GetUtcNow() - start <= limit, $"did not happen within {limit}");
            Assert.True(Truth.AdvanceToNextTimer(), "nothing is waiting for anything");
            Check();
        }

        return Truth.GetUtcNow() - start;
    }

    public void Dispose() => SynchronizationContext.SetSynchronizationContext(_context);

    private void Check()
    {
        var leaders = Candidates.Where(c => c.IsLeading).Select(c => $"{c.Identity} until {c.Elector.Current?.Remaining}").ToList();
        Assert.True(leaders.Count <= 1, $"at {Truth.GetUtcNow():O} these lead: {string.Join(", ", leaders)}");
        Assert.DoesNotContain(Candidates, c => c.Running.IsFaulted);
    }
}
