using GpuScheduler.Extender;
using GpuScheduler.Extender.Recording;

namespace GpuScheduler.Server.Dashboard;

/// <summary>How quickly a verb was answered lately.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Calls">Calls of the last minute that are still remembered.</param>
/// <param name="PerSecond">How many there were a second.</param>
/// <param name="P50">Half took at most so many microseconds.</param>
/// <param name="P90">Nine of ten did.</param>
/// <param name="P99">99 of 100 did.</param>
internal readonly record struct VerbLatency(string Verb, int Calls, double PerSecond, double P50, double P90, double P99);

/// <summary>Sums up the calls of the last minute.</summary>
internal static class RecentCalls
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>By verb, in the order kube-scheduler calls them.</summary>
    /// <param name="newestFirst">Calls that are remembered.</param>
    /// <param name="now">The end of the minute.</param>
    public static IReadOnlyList<VerbLatency> Latencies(IReadOnlyList<RecordedCall> newestFirst, DateTimeOffset now)
    {
        var result = new List<VerbLatency>();
        foreach (var verb in (ExtenderVerb[])[ExtenderVerb.Filter, ExtenderVerb.Prioritize, ExtenderVerb.Preempt, ExtenderVerb.Bind])
        {
            var calls = newestFirst.Where(call => call.Verb == verb && now - call.At <= Window).ToArray();
            var took = calls.Select(call => call.Duration.TotalMicroseconds).Order().ToArray();
            // A ring that has turned over within the minute remembers less than a minute.
            var span = calls.Length < 2 ? Window.TotalSeconds : Math.Max(1, (now - calls[^1].At).TotalSeconds);
            result.Add(new(verb.ToString().ToLowerInvariant(), took.Length, took.Length / span, At(took, 0.5), At(took, 0.9), At(took, 0.99)));
        }

        return result;
    }

    private static double At(double[] ascending, double share) =>
        ascending.Length == 0 ? 0 : ascending[Math.Min(ascending.Length - 1, (int)Math.Ceiling(share * ascending.Length) - 1)];
}
