using System.Globalization;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Cli;

/// <summary>Topology domains, for people.</summary>
internal static class DomainText
{
    /// <summary>A line for every domain.</summary>
    public static string List(DomainListBody domains, Paint paint)
    {
        var table = new TextTable("LEVEL", "DOMAIN", "WITHIN", ">NODES", ">GPUS", ">FREE", ">FREE NODES", "");
        foreach (var domain in domains.Items)
        {
            var most = domain.NodesByFreeGpus.Keys.Select(Number).DefaultIfEmpty(0).Max();
            table.Add(
                domain.Level, domain.Value, string.Join("/", domain.Within.Values.Reverse()), Text(domain.Nodes), Text(domain.Gpus), Text(domain.GpusFree),
                most == 0 ? "0" : $"{domain.NodesByFreeGpus[Text(most)]} with {most}", StateOf(domain));
        }

        var text = domains.Items.Count == 0 ? "No node has a label of topology.presets or topology.levels.\n" : table.Render(paint);
        return domains.Reservation is { } kept
            ? $"{text}\nKept for {kept.Gang}, which has waited long: {string.Join(", ", kept.Nodes)}{(kept.Domain.Length > 0 ? $" ({kept.Domain})" : "")}\n" : text;
    }

    private static string StateOf(DomainBody domain) => string.Join(", ", new[]
    {
        domain.IsWhole ? "whole" : null,
        domain.NodesClosed > 0 ? $"{Text(domain.NodesClosed)} {(domain.NodesClosed == 1 ? "node takes" : "nodes take")} no pods" : null,
    }.OfType<string>());

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
