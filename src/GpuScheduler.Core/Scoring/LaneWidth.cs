namespace GpuScheduler.Core.Scoring;

/// <summary>How many rows a kernel scores at a time; the value is the number of floats.</summary>
public enum LaneWidth
{
    /// <summary>One: the specification every other width is tested against.</summary>
    Scalar = 1,

    /// <summary>Four floats.</summary>
    Vector128 = 4,

    /// <summary>Eight floats.</summary>
    Vector256 = 8,

    /// <summary>Sixteen floats.</summary>
    Vector512 = 16,
}
