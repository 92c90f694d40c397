using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// How much of a topology domain is still there for pods that need much of it together, in steps: <see cref="Whole"/> while nothing in it is used,
/// 0 when nothing is free. Steps, so that it changes seldom: with it change the rows of the whole domain.
/// </summary>
public static class DomainOpenness
{
    /// <summary>Of a domain of which nothing is used.</summary>
    public const int Whole = 10;

    /// <summary>A domain of more nodes is no room that single pods could keep whole.</summary>
    public const int MostNodes = NodePage.RowCount;

    /// <summary>Of a domain; 0 for a single node, for more than <see cref="MostNodes"/>, and without GPUs.</summary>
    /// <param name="nodes">Its nodes.</param>
    /// <param name="gpus">Its GPUs.</param>
    /// <param name="freeMilli">Free thousandths of them.</param>
    public static int Of(int nodes, int gpus, int freeMilli)
    {
        if (gpus == 0 || nodes is < 2 or > MostNodes) return 0;
        var all = gpus * GpuDemand.WholeMilli;
        return freeMilli == all ? Whole : (((Whole - 1) * freeMilli) + all - 1) / all;
    }
}
