using System.Globalization;
using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Openb;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Tests.Replays;

/// <summary>A made-up trace small enough for tests: every kind of pod and of node.</summary>
internal static class SmallTrace
{
    public static IReadOnlyList<Node> Nodes { get; } = MakeNodes();

    public static ReplayWorkload Workload { get; } = new("small", MakePods());

    public static ReplayPlan Plan { get; } = new()
    {
        Nodes = Nodes,
        Workloads = [Workload],
        Policies = [.. Core.Packing.PackingPolicies.Names],
        Seeds = [1, 2],
    };

    private static IReadOnlyList<Node> MakeNodes()
    {
        var csv = new StringBuilder("sn,cpu_milli,memory_mib,gpu,model\n");
        for (var i = 0; i < 40; i++)
        {
            var gpus = new[] { 8, 4, 2, 1, 0 }[i % 5];
            csv.Append(CultureInfo.InvariantCulture, $"n{i},{24000 + (12000 * (i % 4))},{131072 + (65536 * (i % 3))},{gpus},{(gpus == 0 ? "" : i % 2 == 0 ? "T4" : "G2")}\n");
        }

        return OpenbTrace.ReadNodes("nodes.csv", new StringReader(csv.ToString()));
    }

    private static IReadOnlyList<TracePod> MakePods()
    {
        var csv = new StringBuilder("name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time\n");
        for (var i = 0; i < 150; i++)
        {
            var (count, milli) = (i % 7) switch { 0 => (0, 0), 1 => (1, 810), 2 => (1, 160), 3 => (1, 470), 4 => (2, 1000), 5 when i % 3 == 0 => (8, 1000), _ => (1, 1000) };
            csv.Append(CultureInfo.InvariantCulture, $"p{i:000},{1000 + (500 * (i % 9))},{2048 + (1024 * (i % 5))},{count},{milli},{(i % 11 == 0 && count > 0 ? "T4" : "")},{i * 10},{(i * 10) + 300}\n");
        }

        return OpenbTrace.ReadPods("pods.csv", new StringReader(csv.ToString()));
    }
}
