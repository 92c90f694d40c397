namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// The numbers of Go's <c>math/rand</c> (Go 1.0 to 1.19 and later with an explicit seed), so that the published seeds give the published order of
/// pods and nodes. Mitchell and Reeds' additive lagged Fibonacci generator <c>y[t] = y[t - 607] + y[t - 273]</c> modulo 2⁶⁴, whose state is
/// seeded from a Lehmer generator (Park and Miller, "Random number generators: good ones are hard to find", CACM 31, 1988) and a fixed state
/// that lies 7.8·10¹² steps after a first one (<c>gen_cooked.go</c>).
/// </summary>
internal sealed class GoRandom
{
    private const int Length = 607;
    private const int Tap = 273;
    private const ulong FixedSteps = 7_800_000_000_000;
    private const int LehmerModulus = int.MaxValue;
    private const int SeedOfZero = 89_482_311;
    private const int WarmUp = 20;

    private static readonly ulong[] Fixed = FixedState();

    private readonly ulong[] _state;
    private int _tap;
    private int _feed = Length - Tap;

    /// <summary>As <c>rand.New(rand.NewSource(seed))</c>.</summary>
    public GoRandom(long seed)
    {
        _state = Seeded(seed, 40, 20);
        for (var i = 0; i < Length; i++) _state[i] ^= Fixed[i];
    }

    /// <summary>Go's <c>Int63</c>, and on 64-bit platforms <c>Int</c>: 0 up to 2⁶³ - 1.</summary>
    public long NextInt63()
    {
        if (--_tap < 0) _tap += Length;
        if (--_feed < 0) _feed += Length;
        return (long)((_state[_feed] += _state[_tap]) & long.MaxValue);
    }

    /// <summary>Go's <c>Intn</c>: 0 up to, but not, <paramref name="limit"/>, which is positive.</summary>
    public int Next(int limit)
    {
        if ((limit & (limit - 1)) == 0) return Int31() & (limit - 1);
        var last = int.MaxValue - (int)((1u << 31) % (uint)limit);
        int value;
        do value = Int31(); while (value > last);
        return value % limit;
    }

    /// <summary>Go's <c>Shuffle</c>.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var other = Below((uint)(i + 1));
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    /// <summary>Go's <c>Perm</c>: the numbers 0 up to, but not, <paramref name="count"/> in random order.</summary>
    public int[] Permutation(int count)
    {
        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            var other = Next(i + 1);
            order[i] = order[other];
            order[other] = i;
        }

        return order;
    }

    private int Int31() => (int)(NextInt63() >> 32);

    /// <summary>Lemire, "Fast random integer generation in an interval", ACM TOMACS 29, 2019: what Go shuffles with.</summary>
    private int Below(uint limit)
    {
        var product = Draw();
        if ((uint)product < limit)
        {
            var threshold = (uint)-limit % limit;
            while ((uint)product < threshold) product = Draw();
        }

        return (int)(product >> 32);

        ulong Draw() => (uint)(NextInt63() >> 31) * (ulong)limit;
    }

    private static ulong[] Seeded(long seed, int highShift, int middleShift)
    {
        var lehmer = seed % LehmerModulus;
        if (lehmer < 0) lehmer += LehmerModulus;
        if (lehmer == 0) lehmer = SeedOfZero;
        for (var i = 0; i < WarmUp; i++) Step();
        var state = new ulong[Length];
        for (var i = 0; i < Length; i++) state[i] = (Step() << highShift) ^ (Step() << middleShift) ^ Step();
        return state;

        ulong Step() => (ulong)(lehmer = lehmer * 48_271 % LehmerModulus);
    }

    /// <summary>
    /// The state after <see cref="FixedSteps"/>, without taking them: the recurrence means x⁶⁰⁷ = x³³⁴ + 1, and the coefficients of xᴺ modulo
    /// that say how the state N steps on is made of the first outputs.
    /// </summary>
    private static ulong[] FixedState()
    {
        var coefficients = PowerOfX(FixedSteps);
        var first = Seeded(1, 20, 10);
        var outputs = new ulong[(2 * Length) - 1];
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = i < Length ? first[PlaceOf(i)] : outputs[i - Length] + outputs[i - Tap];
        }

        var state = new ulong[Length];
        for (var i = 0; i < Length; i++)
        {
            ulong sum = 0;
            for (var j = 0; j < Length; j++) sum += coefficients[j] * outputs[i + j];
            state[PlaceOf((long)(FixedSteps % Length) + i)] = sum;
        }

        return state;

        // The generator fills its state downwards from the feed: where the i-th oldest output of the state after no steps is kept.
        static int PlaceOf(long output) => (int)(((Length - Tap - 1 - output) % Length + Length) % Length);
    }

    private static ulong[] PowerOfX(ulong exponent)
    {
        var power = new ulong[Length];
        power[0] = 1;
        var product = new ulong[2 * Length];
        for (var bit = 63 - System.Numerics.BitOperations.LeadingZeroCount(exponent); bit >= 0; bit--)
        {
            Array.Clear(product);
            var shift = (int)(exponent >> bit & 1);
            for (var i = 0; i < Length; i++)
            {
                for (var j = 0; j < Length; j++) product[i + j + shift] += power[i] * power[j];
            }

            for (var i = product.Length - 1; i >= Length; i--)
            {
                product[i - Length] += product[i];
                product[i - Tap] += product[i];
            }

            product.AsSpan(0, Length).CopyTo(power);
        }

        return power;
    }
}
