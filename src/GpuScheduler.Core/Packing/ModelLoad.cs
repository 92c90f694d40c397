namespace GpuScheduler.Core.Packing;

/// <summary>
/// How loaded each GPU model would be if the demand that expects certain models were spread as evenly as it can be: the fair (lexicographic
/// min-max) fractional assignment of demands to the models they accept, found by pouring each demand anew over the others' levels until
/// nothing moves.
/// </summary>
internal static class ModelLoad
{
    private const int Rounds = 60;

    // Of the demand: scores look at loads in steps of a thirty-second.
    private const double Settled = 1e-5;

    /// <summary>Solves the assignment.</summary>
    /// <param name="capacity">Free capacity per model; zeros for models without any.</param>
    /// <param name="demand">Demand per kind, in the same unit.</param>
    /// <param name="accepts">Per kind, which models it accepts.</param>
    /// <returns>Load (demand over capacity) per model; 0 for models without capacity.</returns>
    public static double[] Spread(ReadOnlySpan<double> capacity, ReadOnlySpan<double> demand, IReadOnlyList<bool[]> accepts)
    {
        var models = capacity.Length;
        var capacities = capacity.ToArray();
        var poured = new double[demand.Length, models];
        var used = new double[models];
        Span<int> order = stackalloc int[Math.Min(models, 256)];
        double total = 0;
        foreach (var amount in demand) total += amount;
        for (var round = 0; round < Rounds; round++)
        {
            var moved = 0.0;
            for (var kind = 0; kind < demand.Length; kind++)
            {
                var count = 0;
                for (var model = 0; model < models && count < order.Length; model++)
                {
                    if (!accepts[kind][model] || capacity[model] <= 0) continue;
                    used[model] -= poured[kind, model];
                    order[count++] = model;
                }

                if (count == 0) continue;
                var level = Level(order[..count], capacities, used, demand[kind]);
                foreach (var model in order[..count])
                {
                    var amount = Math.Max(0, (level * capacity[model]) - used[model]);
                    moved += Math.Abs(amount - poured[kind, model]);
                    poured[kind, model] = amount;
                    used[model] += amount;
                }
            }

            if (moved <= Settled * total) break;
        }

        var load = new double[models];
        for (var model = 0; model < models; model++) load[model] = capacity[model] > 0 ? used[model] / capacity[model] : 0;
        return load;
    }

    /// <summary>The level to which <paramref name="amount"/> fills the given models, the emptiest first.</summary>
    private static double Level(Span<int> models, double[] capacity, double[] used, double amount)
    {
        models.Sort((left, right) => (used[left] / capacity[left], left).CompareTo((used[right] / capacity[right], right)));
        double room = 0, filled = amount;
        for (var i = 0; i < models.Length; i++)
        {
            room += capacity[models[i]];
            filled += used[models[i]];
            if (i + 1 == models.Length || filled / room <= used[models[i + 1]] / capacity[models[i + 1]]) break;
        }

        return filled / room;
    }
}
