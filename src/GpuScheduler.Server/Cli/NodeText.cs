using System.Globalization;
using System.Text;
using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Cli;

/// <summary>Shows nodes to a person.</summary>
internal static class NodeText
{
    private const string Levels = "▁▂▃▄▅▆▇█";
    private const int BarWidth = 20;

    /// <summary>All nodes, one line each: a mark per GPU, by how much of it is used.</summary>
    public static string List(NodeListBody nodes, bool isWide, Paint paint)
    {
        string[] usual = ["NODE", "MODEL", ">GPUS", ">FREE", "USED", "SLICES AND REPLICAS", ">PODS", "TOPOLOGY"];
        var table = new TextTable(isWide ? [.. usual, "POOL", "TAINTS"] : usual);
        foreach (var node in nodes.Items)
        {
            string[] cells =
            [
                node.Unschedulable ? paint.Yellow($"{node.Name} (cordoned)") : node.Name, node.Model ?? "-", Number(node.Gpus), Number(node.GpusFree), Marks(node, paint), Counted(node),
                Number(node.Pods), string.Join('/', node.Topology.Values),
            ];
            table.Add(isWide ? [.. cells, node.Pool ?? "-", node.Taints.Count > 0 ? string.Join(',', node.Taints) : "-"] : cells);
        }

        return table.Render(paint);
    }

    /// <summary>One node with its devices, resources and pods.</summary>
    public static string Detail(NodeBody node, Paint paint)
    {
        var text = new StringBuilder();
        text.Append($"{paint.Bold(node.Name)}  {node.Model ?? "no GPU model"}{(node.GpuMemoryMiB > 0 ? $", {AmountText.Number(ResourceNames.Memory, node.GpuMemoryMiB)} per GPU" : "")}\n");
        if (node.Unschedulable) text.Append($"  {paint.Yellow("cordoned: kubectl uncordon " + node.Name)}\n");
        if (node.Taints.Count > 0) text.Append($"  taints    {string.Join(", ", node.Taints)}\n");
        if (node.Topology.Count > 0) text.Append($"  topology  {string.Join(" / ", node.Topology.Values)}\n");
        foreach (var problem in node.Problems) text.Append($"  {paint.Red("problem")}   {problem}\n");
        if (node.Devices.Count > 0)
        {
            var table = new TextTable(">GPU", "USED", ">FREE", "FREE MEMORY", "PODS");
            foreach (var device in node.Devices)
            {
                var used = 1 - (device.FreeMilli / (double)GpuDemand.WholeMilli);
                table.Add(
                    Number(device.Index), device.Healthy ? Bar(used, paint) : paint.Red("unhealthy"), Percent(1 - used),
                    device.FreeMemoryMiB is { } free ? $"{AmountText.Number(ResourceNames.Memory, free)} of {AmountText.Number(ResourceNames.Memory, device.MemoryMiB)}" : "",
                    string.Join(", ", device.Pods));
            }

            text.Append('\n').Append(table.Render(paint, "  "));
        }

        if (node.Mig is { Gpus.Count: > 0 } mig)
        {
            var table = new TextTable(">GPU", "SLICES", "INSTANCES");
            foreach (var gpu in mig.Gpus)
            {
                table.Add(
                    Number(gpu.Index), gpu.Slices ?? "not told",
                    string.Join(", ", gpu.Instances.Select(instance => $"{instance.Profile}@{instance.Start}{(instance.Pod is null ? "" : $" {instance.Pod}")}{(instance.Inferred ? "?" : "")}")));
            }

            text.Append('\n').Append(table.Render(paint, "  "));
        }

        var resources = new TextTable("RESOURCE", "USED", ">FREE", ">OF");
        foreach (var (name, amount) in node.Resources)
        {
            var used = amount.Allocatable > 0 ? 1 - (amount.Free / (double)amount.Allocatable) : 1;
            resources.Add(name, Bar(used, paint), AmountText.Number(name, amount.Free), AmountText.Number(name, amount.Allocatable));
        }

        text.Append('\n').Append(resources.Render(paint, "  "));
        if (node.Pods.Count == 0) return text.ToString();
        var pods = new TextTable("POD", "GPUS", "ASKS FOR");
        foreach (var pod in node.Pods)
        {
            pods.Add(
                $"{pod.Namespace}/{pod.Name}{(pod.Assumed ? " (not yet confirmed)" : "")}", $"{string.Join(',', pod.Devices)}{(pod.DevicesInferred ? "?" : "")}",
                string.Join(", ", pod.Requests.Select(request => AmountText.Of(request.Key, request.Value))));
        }

        return text.Append('\n').Append(pods.Render(paint, "  ")).ToString();
    }

    /// <summary>A bar of a fixed width.</summary>
    public static string Bar(double used, Paint paint)
    {
        var filled = (int)Math.Round(Math.Clamp(used, 0, 1) * BarWidth);
        return paint.ByUse(used, new string('█', filled)) + paint.Dim(new string('░', BarWidth - filled));
    }

    /// <summary>A number between 0 and 1 in percent.</summary>
    public static string Percent(double share) => share.ToString("0 %", CultureInfo.InvariantCulture);

    private static string Marks(NodeSummary node, Paint paint)
    {
        var marks = new StringBuilder();
        for (var i = 0; i < node.DeviceFreeMilli.Count; i++)
        {
            var used = 1 - (node.DeviceFreeMilli[i] / (double)GpuDemand.WholeMilli);
            marks.Append(node.UnhealthyDevices.Contains(i) ? paint.Red("x") : used <= 0 ? paint.Dim("·") : paint.ByUse(used, Levels[(int)Math.Min(Levels.Length - 1, used * Levels.Length)].ToString()));
        }

        return marks.ToString();
    }

    /// <summary>What is counted by resource and not by device: used of offered.</summary>
    private static string Counted(NodeSummary node) => string.Join(
        ", ",
        node.Resources.Where(resource => node.Gpus == 0 || !resource.Key.EndsWith("/gpu", StringComparison.Ordinal))
            .Where(resource => resource.Value.Allocatable > 0)
            .Select(resource => $"{resource.Key[(resource.Key.IndexOf('/', StringComparison.Ordinal) + 1)..]} {resource.Value.Allocatable - resource.Value.Free}/{resource.Value.Allocatable}"));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
