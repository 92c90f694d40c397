using GpuScheduler.Core.Scoring;

namespace GpuScheduler.Core.Explaining;

/// <summary>A node that can take the pod, and how good it is.</summary>
/// <param name="Name">The node.</param>
/// <param name="Score">What prioritize answers, 0..10, relative to the other nodes of the same question.</param>
/// <param name="Points">The strategy's own number: only its order means anything.</param>
/// <param name="Terms">What the points are made of.</param>
/// <param name="Devices">The device indices the pod would be given now.</param>
public sealed record ScoredNode(string Name, int Score, float Points, IReadOnlyList<ScoreTerm> Terms, IReadOnlyList<int> Devices);
