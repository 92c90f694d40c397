using System.Globalization;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Simulation.Openb;

/// <summary>
/// Reads the node list of the openb trace (alibaba/clusterdata, cluster-trace-gpu-v2023):
/// <c>sn,cpu_milli,memory_mib,gpu,model</c>. A node with GPUs offers them whole and in thousandths; its model becomes the
/// <c>nvidia.com/gpu.product</c> label. The trace knows no limit on pods, so every node takes <see cref="MaxPods"/>.
/// </summary>
public static class OpenbNodeReader
{
    /// <summary>The first line of a node list.</summary>
    public const string Header = "sn,cpu_milli,memory_mib,gpu,model";

    /// <summary>More pods than the trace ever puts on a node.</summary>
    public const int MaxPods = 1000;

    private const string ProductLabel = "nvidia.com/gpu.product";

    /// <summary>Reads all lines; a line that cannot be read is told of and left out.</summary>
    /// <exception cref="FormatException">The first line is not <see cref="Header"/>.</exception>
    public static (IReadOnlyList<Node> Nodes, IReadOnlyList<string> Problems) Read(TextReader text)
    {
        if (text.ReadLine()?.Trim() != Header) throw new FormatException($"not an openb node list: its first line must be {Header}");
        var nodes = new List<Node>();
        var problems = new List<string>();
        for (var number = 2; text.ReadLine() is { } line; number++)
        {
            if (line.Length == 0) continue;
            if (TryRead(line.Split(','), out var node, out var problem)) nodes.Add(node);
            else problems.Add($"line {number.ToString(CultureInfo.InvariantCulture)}: {problem}");
        }

        return (nodes, problems);
    }

    private static bool TryRead(string[] fields, out Node node, out string problem)
    {
        node = null!;
        problem = "";
        if (fields.Length != 5 || fields[0].Length == 0) problem = $"expected {Header}";
        else if (!TryNumber(fields[1], out var cpuMilli)) problem = $"cpu_milli: '{fields[1]}' is not a whole number";
        else if (!TryNumber(fields[2], out var memoryMiB)) problem = $"memory_mib: '{fields[2]}' is not a whole number";
        else if (!TryNumber(fields[3], out var gpus)) problem = $"gpu: '{fields[3]}' is not a whole number";
        else node = Make(fields[0], cpuMilli, memoryMiB, gpus, fields[4]);
        return problem.Length == 0;
    }

    private static Node Make(string name, int cpuMilli, int memoryMiB, int gpus, string model)
    {
        var labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = name };
        if (model.Length > 0) labels[ProductLabel] = model;
        List<ResourceAmount> amounts =
            [new(ResourceNames.Cpu, cpuMilli), new(ResourceNames.Memory, memoryMiB), new(ResourceNames.Pods, MaxPods)];
        if (gpus > 0)
        {
            amounts.Add(new(GpuResourceCatalog.NvidiaGpu, gpus));
            amounts.Add(new(GpuResourceCatalog.GpuMilli, gpus * (long)GpuDemand.WholeMilli));
        }

        return new Node
        {
            Name = name,
            Uid = name,
            Labels = labels,
            Allocatable = amounts,
            Capacity = amounts,
            Conditions = new Dictionary<string, string> { ["Ready"] = "True" },
            Gpu = GpuLabels.Read(labels),
        };
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
