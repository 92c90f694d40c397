using System.Reflection;

namespace GpuScheduler.Core.Packing;

/// <summary>
/// The constants of <see cref="ResidualValueStrategy"/>. Chosen on seeds and workloads other than those the results are reported for; the
/// optimum is flat (see the replay's README for what each is worth).
/// </summary>
public sealed record ResidualValueOptions
{
    /// <summary>
    /// How often a GPU in use stops waiting for a better fit, in the time in which as many pods arrive as the cluster holds (<see cref="Patience"/>):
    /// 0 waits for ever, many take whatever comes next.
    /// </summary>
    public double SharePatience { get; init; } = 24;

    /// <summary>The same for the free GPUs of a node.</summary>
    public double WholePatience { get; init; } = 48;

    /// <summary>What is added to <see cref="SharePatience"/> per departure per arrival: where pods leave, room changes before the best fit comes.</summary>
    public double DeparturePatience { get; init; } = 400;

    /// <summary>How much of a share's worth is its effective size (<see cref="EffectiveSizes"/>) rather than its thousandths, 0..1.</summary>
    public double SizeWeight { get; init; } = 0.8;

    /// <summary>The least price of CPU, memory and what else is priced, in GPUs per mean amount of the resource that a GPU of the cluster comes with.</summary>
    public double LowPrice { get; init; } = 0.052;

    /// <summary>The middle price.</summary>
    public double MiddlePrice { get; init; } = 0.55;

    /// <summary>The highest price: at it hardly any pod is worth the CPU it takes.</summary>
    public double HighPrice { get; init; } = 6.0;

    /// <summary>
    /// Fraction of the GPUs that a resource besides CPU and memory must be able to strand to be priced (<see cref="StrandingResources"/>);
    /// at 1 none is. Prices of more resources cost time.
    /// </summary>
    public double StrandingFrom { get; init; } = 0.01;

    /// <summary>Thousandths of a GPU that a place for a pod of so many GPUs is worth more, per GPU of it, when such places run out.</summary>
    public double ReservationMilli { get; init; } = 200;

    /// <summary>Expected pods per place left at which places begin to be reserved.</summary>
    public double ReservationFrom { get; init; } = 0.3;

    /// <summary>Standard deviations (of a Poisson number) by which more pods are taken to come than are expected.</summary>
    public double ReservationDeviations { get; init; } = 2;

    /// <summary>How much further until they are reserved fully.</summary>
    public double ReservationSpan { get; init; } = 0.5;

    /// <summary>Thousandths per thousandth of a GPU of a model twice as pressed for as the least pressed one.</summary>
    public double ScarcityWeight { get; init; } = 1;

    /// <summary>The most that <see cref="ScarcityWeight"/> is multiplied with.</summary>
    public double ScarcityLimit { get; init; } = 4;

    /// <summary>
    /// Pods that ask for a whole node, of every size of node there is, that are taken to have been seen before the first pod comes: without
    /// them a cold start breaks up all big nodes before it learns that somebody needs them.
    /// </summary>
    public double PriorPods { get; init; } = 3;

    /// <summary>Fraction of the cluster's GPUs that these pods ask for at most: in a small cluster they must not outweigh the real ones.</summary>
    public double PriorShare { get; init; } = 0.05;

    /// <summary>How much of a node's CPU and memory these pods ask for.</summary>
    public double PriorFill { get; init; } = 0.65;

    /// <summary>Thousandths per free GPU of a node: of equally good nodes the fuller one.</summary>
    public double TieMilli { get; init; } = 0.3;

    /// <summary>
    /// The same per free GPU and departure per arrival: where pods leave, full nodes let others become free. Only worth something to pods
    /// of several GPUs, so in full only from <see cref="SeveralGpuShare"/> on.
    /// </summary>
    public double DepartureTieMilli { get; init; } = 40;

    /// <summary>Fraction of the GPU demand from pods of several GPUs from which on <see cref="DepartureTieMilli"/> counts in full.</summary>
    public double SeveralGpuShare { get; init; } = 0.2;

    /// <summary>
    /// Thousandths of a GPU by which a whole topology domain is worse than a full one, at each level: of nearly equal nodes the one whose domains are
    /// broken already, so that others stay whole for gangs.
    /// </summary>
    public double DomainMilli { get; init; } = 1;

    /// <summary>These options with one of them, named as its property, set to another value.</summary>
    /// <exception cref="FormatException">There is no option of that name.</exception>
    public ResidualValueOptions With(string name, double value)
    {
        var changed = this with { };
        var property = Array.Find(typeof(ResidualValueOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance),
            candidate => candidate.PropertyType == typeof(double) && string.Equals(candidate.Name, name, StringComparison.OrdinalIgnoreCase));
        if (property is null)
        {
            var known = typeof(ResidualValueOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(candidate => candidate.PropertyType == typeof(double)).Select(candidate => candidate.Name);
            throw new FormatException($"'{name}' is no constant of {ResidualValueStrategy.PolicyName}; there are: {string.Join(", ", known)}");
        }

        property.SetValue(changed, value);
        return changed;
    }
}
