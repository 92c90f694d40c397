using System.Runtime.Intrinsics;

namespace GpuScheduler.Core.Scoring;

/// <summary>
/// Turns raw scores into the integers an extender answers with, 0..10 (Kubernetes <c>k8s.io/kube-scheduler/extender/v1/types.go</c>,
/// <c>MaxExtenderPriority</c>). kube-scheduler picks at random among the best sums, so the best node must stand alone at the top: the best
/// raw score, with all its exact ties, is 10 and nothing worse is; the rest fall into the ten equal steps between worst and best. When all
/// are equal all are 10. NaN and negative infinity mean "never": 0, and they do not move the scale.
/// </summary>
public static class ScoreNormalizer
{
    /// <summary>The highest score of an extender.</summary>
    public const int MaxScore = 10;

    /// <summary>Normalises the scores of one answer. O(n), no allocation.</summary>
    /// <param name="raw">Raw scores of the nodes asked for; higher is better.</param>
    /// <param name="scores">Receives 0..10 for each; at least as long as <paramref name="raw"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="scores"/> is too short.</exception>
    public static void Normalize(ReadOnlySpan<float> raw, Span<byte> scores)
    {
        if (scores.Length < raw.Length) throw new ArgumentException($"{scores.Length} places for {raw.Length} scores", nameof(scores));
        var (worst, best) = Range(raw);
        var steps = MaxScore / ((double)best - worst);
        for (var i = 0; i < raw.Length; i++)
        {
            var score = raw[i];
            scores[i] = score == best && score > float.NegativeInfinity ? (byte)MaxScore
                : score > worst ? (byte)Math.Min((int)(((double)score - worst) * steps), MaxScore - 1)
                : (byte)0;
        }
    }

    /// <summary>Least and greatest of the scores that are numbers above negative infinity; (+∞, -∞) when there are none.</summary>
    private static (float Worst, float Best) Range(ReadOnlySpan<float> raw)
    {
        var worst = float.PositiveInfinity;
        var best = float.NegativeInfinity;
        var i = 0;
        if (raw.Length >= Vector256<float>.Count)
        {
            var never = Vector256.Create(float.NegativeInfinity);
            var least = Vector256.Create(float.PositiveInfinity);
            var greatest = never;
            for (; i <= raw.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                var score = Vector256.Create(raw[i..]);
                var counts = Vector256.GreaterThan(score, never);
                least = Vector256.MinNative(least, Vector256.ConditionalSelect(counts, score, least));
                greatest = Vector256.MaxNative(greatest, Vector256.ConditionalSelect(counts, score, greatest));
            }

            for (var lane = 0; lane < Vector256<float>.Count; lane++)
            {
                worst = Math.Min(worst, least[lane]);
                best = Math.Max(best, greatest[lane]);
            }
        }

        for (; i < raw.Length; i++)
        {
            if (!(raw[i] > float.NegativeInfinity)) continue;
            worst = Math.Min(worst, raw[i]);
            best = Math.Max(best, raw[i]);
        }

        return (worst, best);
    }
}
