namespace GpuScheduler.Core.Constraints;

/// <summary>How much a pod insists on something.</summary>
public enum Wish
{
    /// <summary>It does not matter.</summary>
    None,

    /// <summary>Better so, but not at the price of waiting.</summary>
    Preferred,

    /// <summary>Only so.</summary>
    Required,
}
