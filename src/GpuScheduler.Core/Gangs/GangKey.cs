namespace GpuScheduler.Core.Gangs;

/// <summary>Names a gang. Gangs of different kinds may have the same name, as objects of different kinds may.</summary>
/// <param name="Kind">What made the pods a gang, e.g. <c>PodGroup</c> or <c>JobSet</c>.</param>
/// <param name="Namespace">The namespace of its pods.</param>
/// <param name="Name">Its name there.</param>
public readonly record struct GangKey(string Kind, string Namespace, string Name)
{
    /// <summary>Kind, namespace and name: <c>PodGroup ml/train</c>.</summary>
    public override string ToString() => $"{Kind} {Namespace}/{Name}";
}
