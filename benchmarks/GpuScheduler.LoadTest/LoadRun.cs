using GpuScheduler.LoadTest.Bodies;
using GpuScheduler.LoadTest.Http;
using GpuScheduler.LoadTest.Load;
using GpuScheduler.LoadTest.Reports;
using GpuScheduler.LoadTest.Scenarios;
using GpuScheduler.LoadTest.Targets;

namespace GpuScheduler.LoadTest;

/// <summary>
/// One run: starts what has to be started, warms up, finds the rate, and measures everything in turn, round by round, so that whatever else
/// the machine does falls on all alike.
/// </summary>
internal sealed class LoadRun
{
    private const int SaturationTries = 3;
    private const double SaturationFraction = 0.5;
    private static readonly TimeSpan SaturationTime = TimeSpan.FromSeconds(2);

    private readonly LoadOptions _options;
    private readonly SteadyClock _clock = new();
    private readonly HttpClient _http = new();
    private int _number = 1;

    private LoadRun(LoadOptions options) => _options = options;

    /// <summary>Carries out a run.</summary>
    /// <exception cref="InvalidOperationException">A server could not be started, or does not answer as it should.</exception>
    public static async Task<TestReport> RunAsync(LoadOptions options, CancellationToken cancellationToken)
    {
        var run = new LoadRun(options);
        await using var service = options.Url is null
            ? await ServerProcess.StartAsync(
                options.Server,
                [
                    "serve", "--cluster", "embedded", "--nodes", $"{options.Nodes}", "--load", $"{options.Load}", "--urls", "http://127.0.0.1:0",
                    .. options.ServerArguments,
                ],
                cancellationToken)
            : null;
        await using var floor = options.WithFloor ? await ServerProcess.StartAsync(typeof(LoadRun).Assembly.Location, ["floor"], cancellationToken) : null;
        await using var inline = options.WithInlineFloor
            ? await ServerProcess.StartAsync(typeof(LoadRun).Assembly.Location, ["floor", "--inline"], cancellationToken)
            : null;
        return await run.MeasureAsync(service, floor, inline, cancellationToken);
    }

    private async Task<TestReport> MeasureAsync(ServerProcess? service, ServerProcess? floor, ServerProcess? inline, CancellationToken cancellationToken)
    {
        var url = service?.Url ?? _options.Url!;
        var processId = service?.Id ?? _options.ProcessId;
        var nodes = await NodeList.ReadAsync(_http, url, cancellationToken);
        if (nodes.Count == 0) throw new InvalidOperationException($"{url} knows no nodes");
        using var probe = new HttpConnection(Target.EndPointOf(url));
        var scenarios = new ServiceScenarios(new RequestBodies(url.Authority, _options.Prefix), nodes, probe);
        var scenario = scenarios.Of(_options.Verb, _options.Names, _options.Order, _options.Seed);

        using var asked = new Target(url, processId, scenario, _options.Concurrency, _clock);
        using var bare = await FloorAsync(floor, scenario, probe, cancellationToken);
        using var bareInline = await FloorAsync(inline, scenario, probe, cancellationToken);
        using var binding = _options.Churn == 0 ? null : new Target(url, processId, scenarios.Bind(isRefused: false), _options.Concurrency, _clock);
        using var refused = _options.Churn == 0 ? null : new Target(url, processId, scenarios.Bind(isRefused: true), _options.Concurrency, _clock);

        foreach (var target in (ReadOnlySpan<Target?>)[asked, bare, bareInline]) WarmUp(target);
        var saturation = _options.Rate is null ? Saturation(asked) : (double?)null;
        var rate = _options.Rate ?? saturation!.Value * SaturationFraction;

        var measured = new List<Measured> { new("service", asked, null) };
        if (bare is not null) measured.Add(new("floor", bare, null));
        if (bareInline is not null) measured.Add(new("floor, inline", bareInline, null));
        if (binding is not null) measured.Add(new("service, pods bound", asked, binding));
        if (refused is not null) measured.Add(new("service, binds refused", asked, refused));
        var quiet = MachineUse.Read(service, floor, inline);
        for (var round = 0; round < _options.Rounds; round++)
        {
            Console.Error.WriteLine($"round {round + 1} of {_options.Rounds} at {rate:n0} arrivals/s");
            // There and back, so that none is always the one after some other.
            var turn = round % 2 == 0 ? measured : Enumerable.Reverse(measured);
            foreach (var one in turn) await MeasureOnceAsync(one, rate, _options.Seed + round, cancellationToken);
        }

        return new TestReport
        {
            Title = $"{_options.Verb.ToString().ToLowerInvariant()} of {Math.Min(_options.Names, nodes.Count):n0} names, {nodes.Count:n0} nodes, {rate:n0} arrivals/s",
            Conditions = Conditions(saturation),
            Time = TimeProvider.System.GetUtcNow(),
            Machine = Machine.Current,
            Service = (await _http.GetStringAsync(new Uri(url, "/version"), cancellationToken)).Trim(),
            Options = _options,
            NodeCount = nodes.Count,
            Rate = rate,
            Saturation = saturation,
            StartMilliseconds = service?.StartTime.TotalMilliseconds,
            BytesIn = scenario.Sequences.Average(calls => calls.Sum(call => call.FrontLength + call.Back.Length)),
            Variants = [.. measured.Select(one => one.Result())],
            Comparisons = Compare(measured),
            OthersShare = MachineUse.Read(service, floor, inline).OthersShareSince(quiet),
        };
    }

    private async Task<Target?> FloorAsync(ServerProcess? floor, CallScenario scenario, HttpConnection probe, CancellationToken cancellationToken) =>
        floor is null ? null : new Target(
            floor.Url, floor.Id, await FloorScenario.PrepareAsync(scenario, probe, _http, floor.Url, cancellationToken), _options.Concurrency, _clock);

    private void WarmUp(Target? target)
    {
        if (target is null) return;
        var warm = target.Loop.RunFlatOut(target.Scenario, _options.Warmup, _number);
        _number += warm.LatencyNanoseconds.Length + _options.Concurrency;
        if (warm.FirstError is { } problem) throw new InvalidOperationException(problem);
    }

    /// <summary>What all connections together get answered when each always asks: the median of a few tries.</summary>
    private double Saturation(Target target)
    {
        var tries = new List<double>();
        for (var i = 0; i < SaturationTries; i++)
        {
            var result = target.Loop.RunFlatOut(target.Scenario, SaturationTime, _number);
            _number += result.LatencyNanoseconds.Length + _options.Concurrency;
            tries.Add(result.PerSecond);
        }

        return Spread.Of(tries).Median;
    }

    private async Task MeasureOnceAsync(Measured measured, double rate, int seed, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var target = measured.Target;
        var due = _options.IsConstantRate ? ArrivalSchedule.Constant(rate, _options.Duration) : ArrivalSchedule.Poisson(rate, _options.Duration, seed);
        // Each bind is two events: assumed, and confirmed.
        var bindsDue = measured.Churn is null ? [] : ArrivalSchedule.Constant(_options.Churn / 2.0, _options.Duration);
        var first = _number;
        _number += due.Length + bindsDue.Length;

        var before = await ServerUse.ReadAsync(target.ProcessId, _http, target.Url, cancellationToken);
        var binding = measured.Churn is null ? null : Task.Run(() => measured.Churn.Loop.Run(measured.Churn.Scenario, bindsDue, first + due.Length), cancellationToken);
        var result = await Task.Run(() => target.Loop.Run(target.Scenario, due, first), cancellationToken);
        var binds = binding is null ? null : await binding;
        var after = await ServerUse.ReadAsync(target.ProcessId, _http, target.Url, cancellationToken);
        measured.Add(result, binds, before is null ? null : after?.Since(before));
    }

    private static List<Comparison> Compare(List<Measured> measured)
    {
        var comparisons = new List<Comparison>();
        foreach (var one in measured.Skip(1))
        {
            comparisons.Add(one.Churn is null
                ? Comparison.Of($"service / {one.Name}", measured[0].Result(), one.Result())
                : Comparison.Of($"{one.Name} / service", one.Result(), measured[0].Result()));
        }

        if (measured is [.., { Churn: not null } bound, { Churn: not null } refused])
        {
            comparisons.Add(Comparison.Of($"{bound.Name} / {refused.Name}", bound.Result(), refused.Result()));
        }

        return comparisons;
    }

    private string Conditions(double? saturation) =>
        $"{_options.Concurrency} connections, {_options.Rounds} rounds of {_options.Duration.TotalSeconds:n0} s each"
        + (saturation is { } limit ? $", half of saturation ({limit:n0}/s)" : "")
        + (_options.Churn > 0 ? $", {_options.Churn:n0} pod events/s" : "");

    /// <summary>Something that is measured once a round.</summary>
    private sealed record Measured(string Name, Target Target, Target? Churn)
    {
        private readonly List<RoundResult> _rounds = [];
        private readonly List<long[]> _sorted = [];

        public void Add(LoadResult result, LoadResult? binds, ServerUse? use)
        {
            var sorted = Sorted(result.LatencyNanoseconds);
            _sorted.Add(sorted);
            _rounds.Add(new RoundResult
            {
                Latency = LatencySummary.Of(sorted),
                SendDelay = LatencySummary.Of(Sorted(result.SendDelayNanoseconds)),
                PerSecond = result.PerSecond,
                Count = result.LatencyNanoseconds.Length,
                Errors = result.Errors,
                FirstError = result.FirstError,
                Use = use,
                Churn = binds is null ? null : new ChurnResult(
                    binds.PerSecond, binds.Errors, binds.FirstError, LatencySummary.Of(Sorted(binds.LatencyNanoseconds))),
            });
        }

        public Variant Result()
        {
            var all = Sorted([.. _sorted.SelectMany(round => round)]);
            return new Variant { Name = Name, Latency = LatencySummary.Of(all), Rounds = _rounds, Sorted = all, RoundsSorted = _sorted };
        }

        private static long[] Sorted(long[] values)
        {
            long[] sorted = [.. values];
            Array.Sort(sorted);
            return sorted;
        }
    }
}
