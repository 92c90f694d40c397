namespace GpuScheduler.Cluster.Events;

/// <summary>Who reports, and how much. The API server and its readers are spared before the news is.</summary>
public sealed record EventRecorderOptions
{
    /// <summary>Program that reports, a qualified name.</summary>
    public string ReportingController { get; init; } = "gpu-scheduler.io/gpu-scheduler";

    /// <summary>Which instance reports, such as its pod's name; 1 to 128 characters.</summary>
    public required string ReportingInstance { get; init; }

    /// <summary>Events that may wait to be written; further ones are dropped and counted.</summary>
    public int QueueCapacity { get; init; } = 8192;

    /// <summary>New events that may be written about one object at once. client-go's spam filter: 25.</summary>
    public int ObjectBurst { get; init; } = 25;

    /// <summary>Time after which one more may be. client-go's spam filter: 5 minutes.</summary>
    public TimeSpan ObjectRefill { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Writes per second in all, so that the API server's patience is left to binds.</summary>
    public double WritesPerSecond { get; init; } = 50;

    /// <summary>Repetitions of an event are added up and written at most this often, the first one at once.</summary>
    public TimeSpan SeriesInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Quiet time after which a repetition is a new event. client-go: 6 minutes.</summary>
    public TimeSpan SeriesEnd { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>Attempts to write one event while failures are transient.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Time to write what still waits on shutdown.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(2);
}
