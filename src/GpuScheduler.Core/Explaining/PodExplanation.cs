namespace GpuScheduler.Core.Explaining;

/// <summary>Where a pod could go now, or why nowhere and what would help.</summary>
/// <param name="Answer">What the nodes say.</param>
/// <param name="Remedies">What would make it fit; empty when it fits.</param>
/// <param name="CopiesThatFit">How many pods like it fit at the same time, of as many as were asked about.</param>
public sealed record PodExplanation(ShapeAnswer Answer, IReadOnlyList<Remedy> Remedies, int CopiesThatFit);
