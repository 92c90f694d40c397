namespace GpuScheduler.Core.Filtering;

/// <summary>
/// Reasons where one node is spoken of by its name. kube-scheduler puts a count before a reason (<c>3 node(s) had untolerated taint</c>), which is why
/// they begin with <c>node(s)</c>.
/// </summary>
public static class OneNode
{
    /// <summary><c>node n1: node(s) were unschedulable</c> becomes <c>node n1: was unschedulable</c>.</summary>
    /// <param name="reasons">The node's name and reasons as <see cref="PodFilter.Describe"/> gives them; any other text stays as it is.</param>
    public static string Words(string reasons) => !reasons.Contains("node(s) ", StringComparison.Ordinal) ? reasons
        : reasons.Replace("node(s) were ", "was ", StringComparison.Ordinal).Replace("node(s) ", "", StringComparison.Ordinal).Replace(" their ", " its ", StringComparison.Ordinal);
}
