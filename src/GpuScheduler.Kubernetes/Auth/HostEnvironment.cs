namespace GpuScheduler.Kubernetes;

/// <summary>What configuration asks of the machine, so that tests can answer.</summary>
/// <param name="Variable">Value of an environment variable; null when unset.</param>
/// <param name="HomeDirectory">The user's home.</param>
public sealed record HostEnvironment(Func<string, string?> Variable, string HomeDirectory)
{
    /// <summary>This process's own.</summary>
    public static HostEnvironment Current { get; } = new(
        Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));
}
