namespace GpuScheduler.Testing;

/// <summary>
/// Recorded fixtures and traces that are not part of the project. The environment variable <c>GPU_SCHEDULER_SHARED</c> names the folder
/// that holds <c>fixtures</c> and <c>traces</c>; tests that need it skip where it is not set.
/// </summary>
public static class SharedInput
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "GPU_SCHEDULER_SHARED";

    /// <summary>Why a test that needs it was skipped.</summary>
    public const string Missing = $"{Variable} is not set to the folder that holds fixtures/ and traces/";

    /// <summary>A path below the folder; null when the variable is not set.</summary>
    public static string? Path(params string[] parts) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } root ? System.IO.Path.Combine([root, .. parts]) : null;
}
