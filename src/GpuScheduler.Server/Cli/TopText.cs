using System.Globalization;
using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Cli;

/// <summary>The cluster on one screen.</summary>
internal static class TopText
{
    private const int GroupsShown = 12;

    public static string Write(NodeListBody nodes, WaitingBody waiting, Paint paint)
    {
        var table = new TextTable("MODEL", ">NODES", ">GPUS", ">FREE", "USED", ">", ">PARTLY USED", ">PODS");
        foreach (var model in nodes.Items.Where(node => node.Gpus > 0).GroupBy(node => node.Model ?? "-").OrderByDescending(group => group.Sum(node => node.Gpus)))
        {
            var gpus = model.Sum(node => node.Gpus);
            var freeMilli = model.Sum(node => node.DeviceFreeMilli.Sum());
            var partly = model.Sum(node => node.DeviceFreeMilli.Count(free => free is > 0 and < GpuDemand.WholeMilli));
            var used = 1 - (freeMilli / (double)(gpus * GpuDemand.WholeMilli));
            table.Add(
                model.Key, Number(model.Count()), Number(gpus), Number(model.Sum(node => node.GpusFree)), NodeText.Bar(used, paint), NodeText.Percent(used), Number(partly),
                Number(model.Sum(node => node.Pods)));
        }

        var text = new StringBuilder();
        text.Append($"{paint.Bold("gpu-scheduler top")}  {nodes.NodeCount} nodes, snapshot {nodes.Generation}, {waiting.Pods} pod{(waiting.Pods == 1 ? "" : "s")} waiting\n\n{table.Render(paint)}");
        if (waiting.Groups.Count == 0) return text.ToString();
        var groups = new TextTable(">WAITING", ">FEASIBLE", "ASKS FOR", "FOREMOST REASON", "EXAMPLE");
        foreach (var group in waiting.Groups.Take(GroupsShown))
        {
            groups.Add(
                Number(group.Pods), group.Feasible > 0 ? paint.Green(Number(group.Feasible)) : paint.Red("0"), group.Shape,
                group.Reasons.Count > 0 ? $"{group.Reasons[0].Nodes} {group.Reasons[0].Reason}" : "", group.Examples[0]);
        }

        return text.Append('\n').Append(groups.Render(paint)).ToString();
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
