using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring.Lanes;

/// <summary>The one loop over the rows of a page. A page is a multiple of every width, so there is no tail.</summary>
internal static class PageDriver
{
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="scores"/> is shorter than a page.</exception>
    public static void Run<TKernel>(LaneWidth width, in TKernel kernel, Span<float> scores)
        where TKernel : struct, IPageKernel, allows ref struct
    {
        scores = scores[..NodePage.RowCount];
        switch (width)
        {
            case LaneWidth.Vector512:
                Run<TKernel, Lanes16>(in kernel, scores);
                break;
            case LaneWidth.Vector256:
                Run<TKernel, Lanes8>(in kernel, scores);
                break;
            case LaneWidth.Vector128:
                Run<TKernel, Lanes4>(in kernel, scores);
                break;
            default:
                Run<TKernel, Lanes1>(in kernel, scores);
                break;
        }
    }

    private static void Run<TKernel, TLanes>(in TKernel kernel, Span<float> scores)
        where TKernel : struct, IPageKernel, allows ref struct
        where TLanes : struct, ILanes<TLanes>
    {
        for (var row = 0; row < NodePage.RowCount; row += TLanes.Count)
        {
            TLanes.Store(kernel.Score<TLanes>(row), scores, row);
        }
    }
}
