using GpuScheduler.LoadTest.Http;
using GpuScheduler.LoadTest.Load;
using GpuScheduler.LoadTest.Scenarios;

namespace GpuScheduler.Benchmarks.Tests;

public sealed class OpenLoopTests
{
    private const long Millisecond = 1_000_000;

    [Fact]
    public void Run_ServerStallsOnce_EveryRequestDueMeanwhileIsLate()
    {
        // Ten requests, one every 10 ms; each takes 1 ms, but the third takes 50.
        var clock = new StepClock();
        var scenario = new Taking(clock, number => number == 2 ? 50 * Millisecond : Millisecond);

        var result = new OpenLoop(clock, [new NoCaller()]).Run(scenario, ArrivalSchedule.Constant(100, TimeSpan.FromMilliseconds(100)), firstNumber: 0);

        // Due at 20 and answered at 70; then due at 30, 40, 50, 60, 70 and answered one after the other from 71 on; then back on time.
        Assert.Equal([1, 1, 50, 41, 32, 23, 14, 5, 1, 1], result.LatencyNanoseconds.Select(latency => latency / Millisecond));
    }

    [Fact]
    public void Run_ServerStallsOnce_SendDelayShowsTheWaitForTheConnection()
    {
        var clock = new StepClock();
        var scenario = new Taking(clock, number => number == 0 ? 25 * Millisecond : Millisecond);

        var result = new OpenLoop(clock, [new NoCaller()]).Run(scenario, ArrivalSchedule.Constant(100, TimeSpan.FromMilliseconds(40)), firstNumber: 0);

        Assert.Equal([0, 15, 6, 0], result.SendDelayNanoseconds.Select(delay => delay / Millisecond));
    }

    [Fact]
    public void Run_SomeCallsFail_CountedAndTheFirstTold()
    {
        var clock = new StepClock();
        var scenario = new Taking(clock, _ => Millisecond, number => number % 2 == 1 ? $"no {number}" : null);

        var result = new OpenLoop(clock, [new NoCaller()]).Run(scenario, ArrivalSchedule.Constant(100, TimeSpan.FromMilliseconds(50)), firstNumber: 10);

        Assert.Equal((2, "no 11", 5), (result.Errors, result.FirstError, result.LatencyNanoseconds.Length));
    }

    [Fact]
    public void Run_SeveralConnections_EveryArrivalOnce()
    {
        var numbers = new System.Collections.Concurrent.ConcurrentBag<int>();
        var clock = new StepClock();
        var scenario = new Taking(clock, number =>
        {
            numbers.Add(number);
            return 0;
        });

        new OpenLoop(clock, [new NoCaller(), new NoCaller(), new NoCaller()]).Run(scenario, new long[500], firstNumber: 100);

        Assert.Equal(Enumerable.Range(100, 500), numbers.Order());
    }

    [Fact]
    public void RunFlatOut_CallsOfTwoMilliseconds_OneAfterTheOtherForTheTimeGiven()
    {
        var clock = new StepClock();

        var result = new OpenLoop(clock, [new NoCaller()]).RunFlatOut(new Taking(clock, _ => 2 * Millisecond), TimeSpan.FromSeconds(1), firstNumber: 0);

        Assert.Equal(500, result.LatencyNanoseconds.Length);
        Assert.Equal(500, result.PerSecond, tolerance: 0.001);
    }

    /// <summary>Moves only when somebody waits or works.</summary>
    private sealed class StepClock : ILoadClock
    {
        private long _now = 1_000;

        public long Now => Interlocked.Read(ref _now);

        public void WaitUntil(long due)
        {
            for (var now = Now; now < due; now = Now) Interlocked.CompareExchange(ref _now, due, now);
        }

        public void Pass(long nanoseconds) => Interlocked.Add(ref _now, nanoseconds);
    }

    private sealed class Taking(StepClock clock, Func<int, long> nanoseconds, Func<int, string?>? outcome = null) : IScenario
    {
        public string Name => "taking time";

        public string? Run(ICaller caller, int number)
        {
            clock.Pass(nanoseconds(number));
            return outcome?.Invoke(number);
        }
    }

    private sealed class NoCaller : ICaller
    {
        public string? Call(RequestTemplate request, int number) => throw new NotSupportedException();
    }
}
