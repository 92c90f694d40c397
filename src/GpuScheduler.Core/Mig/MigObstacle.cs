namespace GpuScheduler.Core.Mig;

/// <summary>What keeps every pod with GPUs off a node because of its MIG configuration.</summary>
public enum MigObstacle
{
    /// <summary>Nothing: there is no MIG, or it is configured.</summary>
    None,

    /// <summary><c>nvidia.com/mig.config.state: pending</c>.</summary>
    Pending,

    /// <summary><c>nvidia.com/mig.config.state: rebooting</c>.</summary>
    Rebooting,

    /// <summary><c>nvidia.com/mig.config.state: failed</c>: nothing says what the GPUs look like now.</summary>
    Failed,

    /// <summary>A state that mig-manager did not have when this was written: anything but <c>success</c> is waited out.</summary>
    OtherState,

    /// <summary>Product <c>-MIG-INVALID</c>: the single strategy, but GPUs that are not all cut alike. The plugin offers nothing.</summary>
    Invalid,
}

/// <summary>Obstacles in words and by label.</summary>
public static class MigObstacles
{
    /// <summary>The label in which mig-manager says how far it is (mig-parted <c>pkg/mig/reconfigure</c>).</summary>
    public const string StateLabel = "nvidia.com/mig.config.state";

    private const string InvalidProfile = "INVALID";

    /// <summary>What the labels of a node say.</summary>
    /// <param name="labels">All labels.</param>
    /// <param name="profile"><see cref="Objects.GpuLabels.MigProfile"/>.</param>
    public static MigObstacle Read(IReadOnlyDictionary<string, string> labels, string profile) => labels.GetValueOrDefault(StateLabel, "") switch
    {
        "pending" => MigObstacle.Pending,
        "rebooting" => MigObstacle.Rebooting,
        "failed" => MigObstacle.Failed,
        "" or "success" => profile == InvalidProfile ? MigObstacle.Invalid : MigObstacle.None,
        _ => MigObstacle.OtherState,
    };

    /// <summary>The obstacle as the reason of a rejection; empty for none.</summary>
    public static string Describe(MigObstacle obstacle) => obstacle switch
    {
        MigObstacle.None => "",
        MigObstacle.Pending => "MIG configuration pending",
        MigObstacle.Rebooting => "rebooting for MIG configuration",
        MigObstacle.Failed => "MIG configuration failed",
        MigObstacle.Invalid => "MIG devices differ, which the single strategy does not allow (-MIG-INVALID)",
        _ => $"MIG configuration not finished ({StateLabel} is not success)",
    };
}
