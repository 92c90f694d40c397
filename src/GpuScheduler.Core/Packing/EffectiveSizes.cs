namespace GpuScheduler.Core.Packing;

/// <summary>
/// How much of a GPU a share really costs once the best mixture of shares has been packed: the dual of the cutting-stock linear program
/// (Gilmore and Gomory, "A linear programming approach to the cutting-stock problem", Operations Research 9, 1961). A share of 810 of 1000
/// that nothing fits beside costs a whole GPU, one of 160 that fills holes others leave costs nothing.
/// </summary>
internal static class EffectiveSizes
{
    private const double Epsilon = 1e-9;

    /// <summary>Solves the program.</summary>
    /// <param name="sizes">Distinct sizes in table units (1..<paramref name="bin"/>).</param>
    /// <param name="demand">How often each is asked for; positive.</param>
    /// <param name="bin">Units of a whole GPU.</param>
    /// <returns>The cost of each size in GPUs, 0..1: the prices that make no way to fill a GPU worth more than the GPU.</returns>
    public static double[] Solve(ReadOnlySpan<int> sizes, ReadOnlySpan<double> demand, int bin)
    {
        // Simplex over filling patterns, one per size to start with (as many of that size as fit); the knapsack finds better ones.
        var count = sizes.Length;
        var inverse = new double[count, count];
        var level = new double[count];
        for (var i = 0; i < count; i++)
        {
            var fit = bin / sizes[i];
            inverse[i, i] = 1.0 / fit;
            level[i] = demand[i] / fit;
        }

        var prices = new double[count];
        var pattern = new int[count];
        var direction = new double[count];
        var best = new double[bin + 1];
        var chosen = new int[bin + 1];

        // Each pivot improves the mixture; the bound only guards against endless degenerate pivots, where any vertex reached is still
        // close to the optimum and its prices are usable after the scaling below.
        for (var pivot = 0; pivot < (20 * count) + 50; pivot++)
        {
            for (var column = 0; column < count; column++)
            {
                prices[column] = 0;
                for (var row = 0; row < count; row++) prices[column] += inverse[row, column];
            }

            if (Knapsack(sizes, prices, bin, best, chosen, pattern) <= 1 + 1e-7) break;

            var leaving = -1;
            var smallest = double.PositiveInfinity;
            for (var row = 0; row < count; row++)
            {
                direction[row] = 0;
                for (var column = 0; column < count; column++) direction[row] += inverse[row, column] * pattern[column];
                if (direction[row] > Epsilon && level[row] / direction[row] < smallest)
                {
                    smallest = level[row] / direction[row];
                    leaving = row;
                }
            }

            if (leaving < 0) break;
            Pivot(inverse, level, direction, leaving);
        }

        var worth = Knapsack(sizes, prices, bin, best, chosen, pattern);
        for (var i = 0; i < count; i++) prices[i] = Math.Clamp(prices[i] / Math.Max(1, worth), 0, 1);
        return prices;
    }

    private static void Pivot(double[,] inverse, double[] level, double[] direction, int leaving)
    {
        var count = level.Length;
        var divisor = direction[leaving];
        for (var column = 0; column < count; column++) inverse[leaving, column] /= divisor;
        level[leaving] /= divisor;
        for (var row = 0; row < count; row++)
        {
            if (row == leaving || direction[row] == 0) continue;
            for (var column = 0; column < count; column++) inverse[row, column] -= direction[row] * inverse[leaving, column];
            level[row] = Math.Max(0, level[row] - (direction[row] * level[leaving]));
        }
    }

    /// <summary>The most valuable way to fill one GPU, left in <paramref name="pattern"/>.</summary>
    private static double Knapsack(ReadOnlySpan<int> sizes, double[] prices, int bin, double[] best, int[] chosen, int[] pattern)
    {
        best[0] = 0;
        chosen[0] = -1;
        for (var room = 1; room <= bin; room++)
        {
            best[room] = best[room - 1];
            chosen[room] = -1;
            for (var i = 0; i < sizes.Length; i++)
            {
                if (sizes[i] > room) continue;
                var value = best[room - sizes[i]] + prices[i];
                if (value > best[room] + Epsilon)
                {
                    best[room] = value;
                    chosen[room] = i;
                }
            }
        }

        Array.Clear(pattern);
        for (var room = bin; room > 0;)
        {
            if (chosen[room] < 0)
            {
                room--;
                continue;
            }

            pattern[chosen[room]]++;
            room -= sizes[chosen[room]];
        }

        return best[bin];
    }
}
