namespace GpuScheduler.Core.Mig;

/// <summary>
/// Scores nodes whose layouts are fixed (the mixed strategy with a device plugin). A pod takes a device of just its profile wherever it
/// goes, so no choice saves devices; but the pod's CPU, memory and ports stand in the way of pods that want the node's other devices. The
/// best node is the one on which least is left to stand in the way of: large slices, whole GPUs and rare profiles stay on empty nodes.
/// </summary>
public static class MigStaticSlices
{
    /// <summary>Worth of the devices a node has left once the pod is on it; the lower the better.</summary>
    /// <param name="prices">Price per device, by kind: <see cref="MigPrices"/>, whole GPUs being a kind of their own.</param>
    /// <param name="free">Free devices of the node, by kind.</param>
    /// <param name="requested">What the pod asks for, by kind.</param>
    /// <returns>The worth; <see cref="double.PositiveInfinity"/> when the pod does not fit.</returns>
    /// <exception cref="ArgumentException">The three differ in length.</exception>
    public static double ExposedValue(ReadOnlySpan<double> prices, ReadOnlySpan<long> free, ReadOnlySpan<long> requested)
    {
        if (prices.Length != free.Length || prices.Length != requested.Length) throw new ArgumentException("prices, free and requested are by the same kinds", nameof(free));
        var exposed = 0.0;
        for (var kind = 0; kind < prices.Length; kind++)
        {
            var left = free[kind] - requested[kind];
            if (left < 0 && requested[kind] > 0) return double.PositiveInfinity;
            exposed += prices[kind] * Math.Max(0, left);
        }

        return exposed;
    }
}
