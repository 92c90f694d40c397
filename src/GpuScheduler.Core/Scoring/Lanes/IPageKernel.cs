namespace GpuScheduler.Core.Scoring.Lanes;

/// <summary>The arithmetic of one strategy for one page and pod: a struct that holds the columns and constants it needs.</summary>
internal interface IPageKernel
{
    /// <summary>The scores of the rows from <paramref name="row"/> on, as many as there are lanes.</summary>
    TLanes Score<TLanes>(int row)
        where TLanes : struct, ILanes<TLanes>;
}
