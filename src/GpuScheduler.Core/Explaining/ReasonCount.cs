namespace GpuScheduler.Core.Explaining;

/// <summary>One reason for which nodes cannot take a pod, in kube-scheduler's words. A node that has several reasons counts for each.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Nodes">How many nodes have it.</param>
/// <param name="Alone">How many of those have no other reason: where it went away, the pod would fit.</param>
/// <param name="Examples">The first of them, those without another reason before the others.</param>
public sealed record ReasonCount(string Reason, int Nodes, int Alone, IReadOnlyList<string> Examples);
