using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Simulation.Openb;

/// <summary>
/// Reads the CSV files of Alibaba's openb trace (<c>alibaba/clusterdata</c>, <c>cluster-trace-gpu-v2023</c>). GPUs are asked for in
/// thousandths (<see cref="GpuResourceCatalog.GpuMilli"/>): a whole GPU is 1000 of them.
/// </summary>
public static class OpenbTrace
{
    private const int MostGpus = 16;

    /// <summary>Reads a node list with <see cref="OpenbNodeReader"/>; an experiment on half a cluster means nothing, so nothing may be wrong.</summary>
    /// <exception cref="TraceFormatException">Something in the file is not as it should be.</exception>
    public static IReadOnlyList<Node> ReadNodes(string file, TextReader reader)
    {
        try
        {
            var (nodes, problems) = OpenbNodeReader.Read(reader);
            if (problems.Count > 0) throw new TraceFormatException(file, 0, "", problems[0]);
            if (nodes.GroupBy(node => node.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            {
                throw new TraceFormatException(file, 0, "sn", $"'{twice.Key}' occurs twice; node names must differ");
            }

            return nodes.Count > 0 ? nodes : throw new TraceFormatException(file, 0, "", "there are no nodes in it");
        }
        catch (FormatException problem) when (problem is not TraceFormatException)
        {
            throw new TraceFormatException(file, 1, "", problem.Message);
        }
    }

    /// <summary>
    /// Reads pods: columns <c>name, cpu_milli, memory_mib, num_gpu, gpu_milli</c> and, where the file has them, <c>gpu_spec</c> (models
    /// separated by <c>|</c>), <c>creation_time</c> and <c>deletion_time</c> (seconds).
    /// </summary>
    /// <exception cref="TraceFormatException">Something in the file is not as it should be.</exception>
    public static IReadOnlyList<TracePod> ReadPods(string file, TextReader reader)
    {
        var table = CsvTable.Read(file, reader);
        var shapes = new Dictionary<PodShape, PodShape>();
        var names = new HashSet<string>();
        var pods = new TracePod[table.RowCount];
        for (var row = 0; row < pods.Length; row++)
        {
            var name = table.Text(row, "name");
            if (name.Length == 0 || !names.Add(name)) throw table.Error(row, "name", $"'{name}' is empty or occurs twice; pod names must differ");
            var count = table.Number(row, "num_gpu", 0, MostGpus);
            var milli = count == 0 ? 0 : table.Number(row, "gpu_milli", 1, GpuDemand.WholeMilli);
            if (count > 1 && milli != GpuDemand.WholeMilli)
            {
                throw table.Error(row, "gpu_milli", $"{milli} of each of {count} GPUs; pods of several GPUs must ask for whole ones (1000)");
            }

            var models = table.Has("gpu_spec") ? table.Text(row, "gpu_spec") : "";
            var shape = new PodShape(
                [
                    new(ResourceNames.Cpu, table.Number(row, "cpu_milli", 0, int.MaxValue)),
                    new(ResourceNames.Memory, table.Number(row, "memory_mib", 0, int.MaxValue)),
                    new(GpuResourceCatalog.GpuMilli, count * milli),
                ],
                GpuResourceCatalog.Default,
                models: models.Length > 0 ? ModelSelector.Parse(models) : null);
            if (!shapes.TryGetValue(shape, out var shared)) shapes.Add(shape, shared = shape);
            pods[row] = new TracePod(name, shared, Seconds(table, row, "creation_time"), Seconds(table, row, "deletion_time"));
        }

        return pods;
    }

    private static double? Seconds(CsvTable table, int row, string column) =>
        table.Has(column) && table.Text(row, column).Length > 0 ? table.Number(row, column, 0, long.MaxValue / 2) : null;
}
