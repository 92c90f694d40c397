using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Simulation.Traces;

/// <summary>
/// Reads the CSV files of Alibaba's openb trace (<c>alibaba/clusterdata</c>, <c>cluster-trace-gpu-v2023</c>). Every device is offered and
/// asked for in thousandths (<see cref="GpuResourceCatalog.GpuMilli"/>): a whole GPU is 1000 of them.
/// </summary>
public static class OpenbTrace
{
    /// <summary>Places for pods on a node: the trace names no limit, and more than fit by any other measure must be possible.</summary>
    private const int PodPlaces = 10_000;

    private const int MostGpus = 16;

    /// <summary>Reads nodes: columns <c>sn, cpu_milli, memory_mib, gpu, model</c>.</summary>
    /// <exception cref="TraceFormatException">Something in the file is not as it should be.</exception>
    public static IReadOnlyList<Node> ReadNodes(string file, TextReader reader)
    {
        var table = CsvTable.Read(file, reader);
        var names = new HashSet<string>();
        var nodes = new Node[table.RowCount];
        for (var row = 0; row < nodes.Length; row++)
        {
            var name = table.Text(row, "sn");
            if (name.Length == 0 || !names.Add(name)) throw table.Error(row, "sn", $"'{name}' is empty or occurs twice; node names must differ");
            var gpus = table.Number(row, "gpu", 0, MostGpus);
            var model = table.Text(row, "model");
            var allocatable = new List<ResourceAmount>
            {
                new(ResourceNames.Cpu, table.Number(row, "cpu_milli", 0, int.MaxValue)),
                new(ResourceNames.Memory, table.Number(row, "memory_mib", 0, int.MaxValue)),
                new(ResourceNames.Pods, PodPlaces),
            };
            if (gpus > 0) allocatable.Add(new(GpuResourceCatalog.GpuMilli, gpus * GpuDemand.WholeMilli));
            nodes[row] = new Node
            {
                Name = name,
                Uid = name,
                Allocatable = allocatable,
                Capacity = allocatable,
                Gpu = gpus > 0 ? GpuLabels.None with { Model = model } : GpuLabels.None,
            };
        }

        return nodes;
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
