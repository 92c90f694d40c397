namespace GpuScheduler.Core.Scoring;

/// <summary>
/// How much each resource counts in a weighted mean, as the <c>resources</c> of kube-scheduler's <c>NodeResourcesFitArgs</c>. Zero leaves a
/// resource out.
/// </summary>
public sealed record ResourceWeights
{
    /// <summary>Weights of the three.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A weight is negative or not a number, or all are zero.</exception>
    public ResourceWeights(float cpu, float memory, float gpu)
    {
        (Cpu, Memory, Gpu) = (Checked(cpu, nameof(cpu)), Checked(memory, nameof(memory)), Checked(gpu, nameof(gpu)));
        if (cpu + memory + gpu == 0) throw new ArgumentOutOfRangeException(nameof(gpu), "at least one weight must be above 0");
    }

    /// <summary>All three alike.</summary>
    public static ResourceWeights Equal { get; } = new(1, 1, 1);

    /// <summary>Weight of CPU.</summary>
    public float Cpu { get; }

    /// <summary>Weight of memory.</summary>
    public float Memory { get; }

    /// <summary>Weight of each GPU resource the pod asks for.</summary>
    public float Gpu { get; }

    private static float Checked(float weight, string name) => weight is >= 0 and <= 1_000_000
        ? weight
        : throw new ArgumentOutOfRangeException(name, weight, "a weight must be between 0 and 1000000");
}
