namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// Numbers that follow from a seed alone, on every platform and runtime version: SplitMix64 (Steele, Lea and Flood, "Fast splittable
/// pseudorandom number generators", OOPSLA 2014). Streams of one seed for different purposes are independent.
/// </summary>
internal sealed class ReplayRandom(long seed, string purpose) : Random
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state = purpose.Aggregate(Mix((ulong)seed + Golden), (state, letter) => Mix(state ^ letter));

    public override int Next(int maxValue) => (int)(((UInt128)NextUInt64() * (ulong)maxValue) >> 64);

    public override double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    public override float NextSingle() => (NextUInt64() >> 40) * (1f / (1UL << 24));

    protected override double Sample() => NextDouble();

    /// <summary>Puts items in random order (Fisher and Yates).</summary>
    public void Permute<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var other = Next(i + 1);
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    private ulong NextUInt64() => Mix(_state += Golden);

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
