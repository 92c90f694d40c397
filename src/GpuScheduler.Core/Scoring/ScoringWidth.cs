using System.Runtime.Intrinsics;

namespace GpuScheduler.Core.Scoring;

/// <summary>The width this process scores with, chosen once.</summary>
public static class ScoringWidth
{
    /// <summary>
    /// The widest form the runtime calls accelerated. It leaves Vector512 out where wide code slows the processor down; where it does not, 512 bits
    /// took 0.6 to 0.7 of the time of 256 (every strategy, AMD EPYC of family 26), and 256 about 0.55 of 128.
    /// </summary>
    public static LaneWidth Best { get; } =
        Vector512.IsHardwareAccelerated ? LaneWidth.Vector512
        : Vector256.IsHardwareAccelerated ? LaneWidth.Vector256
        : Vector128.IsHardwareAccelerated ? LaneWidth.Vector128
        : LaneWidth.Scalar;

    /// <summary>A line for the log: the width and what it was chosen from.</summary>
    public static string Why { get; } =
        $"scoring {(int)Best} rows at a time ({Best}); accelerated: Vector128 {YesNo(Vector128.IsHardwareAccelerated)}, "
        + $"Vector256 {YesNo(Vector256.IsHardwareAccelerated)}, Vector512 {YesNo(Vector512.IsHardwareAccelerated)}";

    private static string YesNo(bool value) => value ? "yes" : "no";
}
