namespace GpuScheduler.Cluster.Leadership;

/// <summary>Which lease decides, who we are, and how patient everyone is. Defaults and rules are client-go's (<c>leaderelection.go</c>).</summary>
public sealed record LeaderElectionOptions
{
    /// <summary>The lease's name, unless said otherwise; RBAC as shipped allows this one.</summary>
    public const string DefaultLeaseName = "gpu-scheduler-extender";

    /// <summary>client-go's JitterFactor: a retry pause is stretched by up to this share.</summary>
    internal const double JitterFactor = 1.2;

    /// <summary>Namespace of the lease.</summary>
    public string LeaseNamespace { get; init; } = "gpu-scheduler";

    /// <summary>Name of the lease.</summary>
    public string LeaseName { get; init; } = DefaultLeaseName;

    /// <summary>
    /// Who we are, unique to this process, such as the pod's name and a random part: whoever finds its own name on a lease it did not take
    /// treats it as somebody else's.
    /// </summary>
    public required string Identity { get; init; }

    /// <summary>How long the others wait after the last renewal they saw. Whole seconds, for a lease holds no fractions.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long after the beginning of its last successful renewal a leader still leads. What is left of <see cref="LeaseDuration"/> then is
    /// the time in which calls already under way must have ended.
    /// </summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause between renewals, and (with jitter) between attempts to take over.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Everything that is wrong with these options, in sentences; empty when they can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (LeaseNamespace.Length == 0) errors.Add("leader election: the lease's namespace is empty");
        if (LeaseName.Length == 0) errors.Add("leader election: the lease's name is empty");
        if (Identity.Length == 0) errors.Add("leader election: the identity is empty; use the pod's name and a random part");
        if (RetryPeriod <= TimeSpan.Zero) errors.Add($"leader election: retry period {Seconds(RetryPeriod)} must be greater than zero");
        if (LeaseDuration.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            errors.Add($"leader election: lease duration {Seconds(LeaseDuration)} must be whole seconds, a Lease holds no fractions");
        }

        if (LeaseDuration <= RenewDeadline)
        {
            errors.Add($"leader election: lease duration {Seconds(LeaseDuration)} must be greater than renew deadline {Seconds(RenewDeadline)}");
        }

        if (RenewDeadline <= RetryPeriod * JitterFactor)
        {
            errors.Add(
                $"leader election: renew deadline {Seconds(RenewDeadline)} must be greater than {JitterFactor} times retry period {Seconds(RetryPeriod)}");
        }

        return errors;
    }

    private static string Seconds(TimeSpan span) => $"{span.TotalSeconds:0.###}s";
}
