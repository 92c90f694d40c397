using GpuScheduler.LoadTest.Scenarios;

namespace GpuScheduler.LoadTest.Load;

/// <summary>
/// Sends requests when they are due, over a few connections with a thread each. Latency counts from when a request was due, not from when
/// it could be sent: while all connections wait for a stalled server, the requests that become due wait in line, and that shows. Blocking
/// sockets on threads of their own keep the client's share of a latency to one wake-up.
/// </summary>
/// <param name="clock">Paces and measures.</param>
/// <param name="callers">The connections; one thread for each.</param>
internal sealed class OpenLoop(ILoadClock clock, IReadOnlyList<ICaller> callers)
{
    /// <summary>Runs a scenario at the times given.</summary>
    /// <param name="scenario">What happens at each arrival.</param>
    /// <param name="dueNanoseconds">When, from now on.</param>
    /// <param name="firstNumber">The number of the first arrival; the others follow.</param>
    public LoadResult Run(IScenario scenario, long[] dueNanoseconds, int firstNumber)
    {
        var run = new Stretch(clock, scenario, firstNumber, dueNanoseconds, long.MaxValue);
        return run.On(callers);
    }

    /// <summary>Runs a scenario again and again on every connection: as many requests per second as there can be.</summary>
    public LoadResult RunFlatOut(IScenario scenario, TimeSpan duration, int firstNumber)
    {
        var run = new Stretch(clock, scenario, firstNumber, null, (long)duration.TotalNanoseconds);
        return run.On(callers);
    }

    private sealed class Stretch(ILoadClock clock, IScenario scenario, int firstNumber, long[]? due, long stopAfter)
    {
        private readonly long _start = clock.Now;
        private readonly Lock _endGate = new();
        private readonly List<long> _flatOut = [];
        private readonly long[] _latency = new long[due?.Length ?? 0];
        private readonly long[] _sendDelay = new long[due?.Length ?? 0];
        private int _taken;
        private int _errors;
        private string? _firstError;
        private long _end;

        public LoadResult On(IReadOnlyList<ICaller> callers)
        {
            var threads = new List<Thread>();
            foreach (var caller in callers)
            {
                var thread = new Thread(() => Work(caller)) { IsBackground = true, Name = "load" };
                threads.Add(thread);
                thread.Start();
            }

            foreach (var thread in threads) thread.Join();
            return new LoadResult
            {
                LatencyNanoseconds = due is null ? [.. _flatOut] : _latency,
                SendDelayNanoseconds = _sendDelay,
                Duration = TimeSpan.FromMicroseconds((_end - _start) / 1000.0),
                Errors = _errors,
                FirstError = _firstError,
            };
        }

        private void Work(ICaller caller)
        {
            var flatOut = new List<long>();
            var last = _start;
            while (true)
            {
                var arrival = Interlocked.Increment(ref _taken) - 1;
                var dueAt = clock.Now;
                if (due is not null)
                {
                    if (arrival >= due.Length) break;
                    dueAt = _start + due[arrival];
                    clock.WaitUntil(dueAt);
                    _sendDelay[arrival] = clock.Now - dueAt;
                }
                else if (dueAt - _start >= stopAfter)
                {
                    break;
                }

                if (scenario.Run(caller, firstNumber + arrival) is { } problem) Fail(problem);
                last = clock.Now;
                if (due is not null) _latency[arrival] = last - dueAt;
                else flatOut.Add(last - dueAt);
            }

            lock (_endGate)
            {
                _flatOut.AddRange(flatOut);
                _end = Math.Max(_end, last);
            }
        }

        private void Fail(string problem)
        {
            Interlocked.Increment(ref _errors);
            Interlocked.CompareExchange(ref _firstError, problem, null);
        }
    }
}
