namespace GpuScheduler.Core.Objects;

/// <summary>What a list of Kubernetes objects held.</summary>
/// <param name="Nodes">Its nodes, in order.</param>
/// <param name="Pods">Its pods, in order.</param>
/// <param name="Problems">The objects that could not be read; the others are here all the same.</param>
public sealed record KubernetesObjects(IReadOnlyList<Node> Nodes, IReadOnlyList<Pod> Pods, IReadOnlyList<ObjectProblem> Problems);

/// <summary>An object of a list that could not be read.</summary>
/// <param name="Index">Its place in the list, from 0.</param>
/// <param name="Kind"><c>Node</c> or <c>Pod</c>; empty when it does not say.</param>
/// <param name="Name">Its name, with its namespace before a slash if it has one; empty when it cannot be read.</param>
/// <param name="Message">What is wrong, beginning with the field's path.</param>
public readonly record struct ObjectProblem(int Index, string Kind, string Name, string Message)
{
    /// <summary>The whole as a sentence: <c>items[3] (Pod default/a): spec...: ...</c>.</summary>
    public override string ToString()
    {
        var what = $"{Kind} {Name}".Trim();
        return what.Length == 0 ? $"items[{Index}]: {Message}" : $"items[{Index}] ({what}): {Message}";
    }
}
