using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Gangs;

/// <summary>A job of pods that are all alike, and what became of it.</summary>
internal sealed class GangJob(int number, int pods, int gpus, double arrival, double hours)
{
    /// <summary>Mean run time of a job, in hours.</summary>
    public const double MeanHours = 6;

    /// <summary>The mix of jobs: percent, pods, GPUs per pod. Made up: sizes double as in published training clusters, most jobs small, most GPUs in big ones.</summary>
    private static readonly (int Percent, int Pods, int Gpus)[] Mix =
        [(20, 1, 1), (8, 1, 4), (17, 1, 8), (5, 8, 1), (18, 2, 8), (15, 4, 8), (12, 8, 8), (5, 16, 8)];

    public int Number { get; } = number;

    public string Name { get; } = $"job{number}";

    public int Pods { get; } = pods;

    public int Gpus { get; } = gpus;

    public double Arrival { get; } = arrival;

    public double Hours { get; } = hours;

    /// <summary>The nodes of its pods so far.</summary>
    public List<string> Nodes { get; } = [];

    /// <summary>When its last pod was placed; null while one waits.</summary>
    public double? WholeAt { get; set; }

    public bool IsGang => Pods > 1;

    /// <summary>Jobs in the order of their arrival, a Poisson process whose rate gives the load.</summary>
    public static GangJob[] Make(GangReplayOptions options, double load, long seed)
    {
        var random = new ReplayRandom(seed, "gangs");
        var meanGpus = Mix.Sum(kind => kind.Percent * kind.Pods * kind.Gpus) / 100.0;
        var rate = load * options.Nodes * 8 / (meanGpus * MeanHours);
        var now = 0.0;
        var jobs = new GangJob[options.Jobs];
        for (var i = 0; i < jobs.Length; i++)
        {
            now += -Math.Log(1 - random.NextDouble()) / rate;
            var draw = random.Next(100);
            var kind = Mix.First(kind => (draw -= kind.Percent) < 0);
            jobs[i] = new GangJob(i, kind.Pods, kind.Gpus, now, -Math.Log(1 - random.NextDouble()) * MeanHours);
        }

        return jobs;
    }

    /// <summary>One of its pods.</summary>
    /// <param name="index">Which.</param>
    /// <param name="asGang">Say that it belongs to a gang.</param>
    public Pod Pod(int index, bool asGang) => new()
    {
        Namespace = "default",
        Name = $"{Name}-{index}",
        Uid = $"{Name}-{index}",
        Shape = new PodShape(
            [new(ResourceNames.Cpu, 8000 * Gpus), new(ResourceNames.Memory, 65_536 * Gpus), new(GpuResourceCatalog.NvidiaGpu, Gpus)], GpuResourceCatalog.Default),
        CreatedAt = DateTimeOffset.UnixEpoch.AddHours(Arrival),
        Labels = asGang
            ? new Dictionary<string, string> { ["gpu-scheduler.io/gang"] = Name, ["gpu-scheduler.io/gang-size"] = Pods.ToString(System.Globalization.CultureInfo.InvariantCulture) }
            : new Dictionary<string, string>(),
    };
}
