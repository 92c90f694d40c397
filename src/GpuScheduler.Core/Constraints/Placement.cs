namespace GpuScheduler.Core.Constraints;

/// <summary>Where among the nodes and devices that fit a pod wants to be.</summary>
public enum Placement
{
    /// <summary>Wherever the configured strategy puts it.</summary>
    Default,

    /// <summary>Beside others: on the fullest node and device that fit.</summary>
    Pack,

    /// <summary>Away from others: on the emptiest node and device.</summary>
    Spread,
}
