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

    /// <summary>Distances between scores below this can be multiplied by <see cref="MaxScore"/> in a float.</summary>
    private const float LargestScaled = 1e37f;

    /// <summary>Normalises the scores of one answer. O(n), no allocation.</summary>
    /// <param name="raw">Raw scores of the nodes asked for; higher is better.</param>
    /// <param name="scores">Receives 0..10 for each; at least as long as <paramref name="raw"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="scores"/> is too short.</exception>
    public static void Normalize(ReadOnlySpan<float> raw, Span<byte> scores)
    {
        if (scores.Length < raw.Length) throw new ArgumentException($"{scores.Length} places for {raw.Length} scores", nameof(scores));
        var (worst, best) = Range(raw);
        if (worst <= best && best < LargestScaled && worst > -LargestScaled) Scale(raw, worst, best, scores);
        else ScaleInDouble(raw, worst, best, scores);
    }

    /// <summary>Vector and tail do the same float operations, so a score is worth the same wherever it stands.</summary>
    private static void Scale(ReadOnlySpan<float> raw, float worst, float best, Span<byte> scores)
    {
        var range = best - worst;
        var i = 0;
        var worsts = Vector256.Create(worst);
        var bests = Vector256.Create(best);
        var ranges = Vector256.Create(range);
        for (; i <= raw.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var low = Scale(Vector256.Create(raw[i..]), worsts, bests, ranges);
            var high = Scale(Vector256.Create(raw[(i + Vector256<float>.Count)..]), worsts, bests, ranges);
            var narrow = Vector256.Narrow(low, high);
            Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).AsByte().CopyTo(scores[i..]);
        }

        for (; i < raw.Length; i++)
        {
            var score = raw[i];
            scores[i] = score == best ? (byte)MaxScore
                : score > worst ? (byte)Math.Min((int)((score - worst) * MaxScore / range), MaxScore - 1)
                : (byte)0;
        }
    }

    private static Vector256<int> Scale(Vector256<float> score, Vector256<float> worst, Vector256<float> best, Vector256<float> range)
    {
        var step = Vector256.ConvertToInt32((score - worst) * Vector256.Create((float)MaxScore) / range);
        var scaled = Vector256.Min(step, Vector256.Create(MaxScore - 1)) & Vector256.GreaterThan(score, worst).AsInt32();
        return Vector256.ConditionalSelect(Vector256.Equals(score, best).AsInt32(), Vector256.Create(MaxScore), scaled);
    }

    /// <summary>For scores so far apart that their distance would overflow a float, and for none at all.</summary>
    private static void ScaleInDouble(ReadOnlySpan<float> raw, float worst, float best, Span<byte> scores)
    {
        var range = (double)best - worst;
        for (var i = 0; i < raw.Length; i++)
        {
            var score = raw[i];
            scores[i] = score == best && score > float.NegativeInfinity ? (byte)MaxScore
                : score > worst ? (byte)Math.Min((int)(((double)score - worst) * MaxScore / range), MaxScore - 1)
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
