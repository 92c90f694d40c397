using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Simulation.Replays;

namespace GpuScheduler.Simulation.Gangs;

/// <summary>
/// Makes up the jobs of a replay. Gangs, arrivals (a Poisson process) and run times (exponential) are always made up; single pods have the shapes of a
/// trace where there is one.
/// </summary>
internal static class GangJobs
{
    /// <summary>Mean run time of a job, in hours.</summary>
    public const double MeanHours = 6;

    /// <summary>The mix of jobs: weight, pods, GPUs per pod. Made up: sizes double as in published training clusters, most jobs small, most GPUs in big ones.</summary>
    private static readonly (int Weight, int Pods, int Gpus)[] Mix =
        [(20, 1, 1), (8, 1, 4), (17, 1, 8), (5, 8, 1), (18, 2, 8), (15, 4, 8), (12, 8, 8), (5, 16, 8)];

    /// <summary>Jobs in the order of their arrival, at a rate that gives the load.</summary>
    public static GangJob[] Make(GangReplayOptions options, double load, long seed)
    {
        var random = new ReplayRandom(seed, "gangs");
        var fromTrace = options.Pods.Count > 0;
        var mix = Array.FindAll(Mix, kind => !fromTrace || kind.Pods > 1);
        var weights = mix.Sum(kind => kind.Weight);
        var meanOfMix = mix.Sum(kind => kind.Weight * kind.Pods * kind.Gpus) / (double)weights;
        var meanOfTrace = fromTrace ? options.Pods.Average(pod => pod.Shape.Gpu.TotalMilli) / GpuDemand.WholeMilli : 0;

        // The share of jobs that are gangs follows from their share of the GPUs.
        var gangs = fromTrace ? options.GangShare / meanOfMix / ((options.GangShare / meanOfMix) + ((1 - options.GangShare) / meanOfTrace)) : 1;
        var rate = load * options.Nodes * GangReplay.GpusPerNode / (((gangs * meanOfMix) + ((1 - gangs) * meanOfTrace)) * MeanHours);
        var now = 0.0;
        var jobs = new GangJob[options.Jobs];
        for (var i = 0; i < jobs.Length; i++)
        {
            now += -Math.Log(1 - random.NextDouble()) / rate;
            var (pods, shape) = random.NextDouble() < gangs ? Draw(mix, weights, random) : (1, options.Pods[random.Next(options.Pods.Count)].Shape);
            jobs[i] = new GangJob(i, pods, shape, now, -Math.Log(1 - random.NextDouble()) * MeanHours);
        }

        return jobs;
    }

    private static (int Pods, PodShape Shape) Draw((int Weight, int Pods, int Gpus)[] mix, int weights, ReplayRandom random)
    {
        var draw = random.Next(weights);
        var (_, pods, gpus) = Array.Find(mix, kind => (draw -= kind.Weight) < 0);
        return (pods, new PodShape(
            [new(ResourceNames.Cpu, 8000 * gpus), new(ResourceNames.Memory, 65_536 * gpus), new(GpuResourceCatalog.GpuMilli, GpuDemand.WholeMilli * gpus)],
            GpuResourceCatalog.Default));
    }
}
