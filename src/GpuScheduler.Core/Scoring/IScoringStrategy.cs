using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Scoring;

/// <summary>
/// Says how good each node is for a pod. An instance never changes: a strategy that learns publishes a new instance with new tables, so
/// that the scores of a page are a pure function of the page, the pod's shape and the instance, and may be kept until one of the three
/// is another (<see cref="NodePage.Generation"/>, <see cref="Objects.PodShape"/>, reference of the strategy). An implementation reads
/// nothing but the page it is given and the request's id tables, and allocates nothing in <see cref="Score"/>.
/// </summary>
public interface IScoringStrategy
{
    /// <summary>The name it is configured by, e.g. <c>MostAllocated</c>.</summary>
    string Name { get; }

    /// <summary>Scores every row of a page, whether or not the pod fits there.</summary>
    /// <param name="page">The rows to score.</param>
    /// <param name="request">The pod, resolved against the tables that go with the page.</param>
    /// <param name="scores">
    /// Receives one number per row, <see cref="NodePage.RowCount"/> long; higher is better, only the order and the ratios of differences
    /// within one request mean anything (<see cref="ScoreNormalizer"/>). Rows without a node get any number.
    /// </param>
    void Score(NodePage page, in ScoringRequest request, Span<float> scores);

    /// <summary>
    /// What the score of one row is made of, for people: the points of the terms add up to what <see cref="Score"/> gives the row (but for
    /// float rounding).
    /// </summary>
    IReadOnlyList<ScoreTerm> Explain(NodePage page, int rowInPage, in ScoringRequest request);
}

/// <summary>One part of a node's score.</summary>
/// <param name="Name">What was looked at, e.g. <c>cpu</c> or <c>nvidia.com/gpu</c>.</param>
/// <param name="Points">What it added to the score.</param>
/// <param name="Detail">How the points came about, in words and numbers.</param>
public readonly record struct ScoreTerm(string Name, float Points, string Detail);
