using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation;

/// <summary>A plan and what to do with its results.</summary>
public sealed record ReplayOptions
{
    /// <summary>What to replay.</summary>
    public required ReplayPlan Plan { get; init; }

    /// <summary>Runs at a time; the results do not depend on it.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>Folder for <c>results.json</c>, <c>results.csv</c>, <c>failed.csv</c>, <c>table.txt</c> and the charts; null writes none.</summary>
    public string? OutFolder { get; init; }

    /// <summary>File for the results as JSON (<see cref="Reports.ReplayJson"/>); null writes none.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Folder with published results to show beside ours (<see cref="Reports.PublishedResults"/>); null shows none.</summary>
    public string? PublishedFolder { get; init; }
}
