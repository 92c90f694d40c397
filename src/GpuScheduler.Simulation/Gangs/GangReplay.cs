using System.Globalization;
using System.Text;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Simulation.Gangs;

/// <summary>
/// Jobs of many pods come and go on a made-up cluster of racks and NVLink domains; a job runs from when its last pod is placed. Compares placing whole
/// gangs by plan with placing pods one at a time.
/// </summary>
public static class GangReplay
{
    private const string Leaf = "network.topology.nvidia.com/leaf";
    private const int GpusPerNode = 8;

    /// <summary>Runs all and gives the table as Markdown.</summary>
    /// <exception cref="ArgumentException">A number makes no sense.</exception>
    public static string Run(GangReplayOptions options, CancellationToken cancellationToken)
    {
        if (options.Nodes < 16 || options.NodesPerDomain < 1 || options.DomainsPerLeaf < 1 || options.Jobs < 10) throw new ArgumentException("at least 16 nodes, 1 node per domain, 1 domain per leaf and 10 jobs are needed");
        if (options.Loads.Any(load => load is <= 0 or > 2) || options.Loads.Count == 0 || options.Seeds.Count == 0) throw new ArgumentException("loads are above 0 and at most 2, and there is at least one load and one seed");
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{options.Nodes} nodes of {GpusPerNode} GPUs, {options.NodesPerDomain} to an NVLink domain, {options.DomainsPerLeaf} domains to a leaf; ");
        text.Append(CultureInfo.InvariantCulture, $"{options.Jobs} jobs, means over {options.Seeds.Count} seeds. Gangs are the jobs of two pods and more.\n\n");
        text.Append("| load | placement | gangs whole at once | gangs whole by the end | hours until whole | NVLink domains per gang | stranded GPU-hours | GPUs at work |\n");
        text.Append("|---|---|---|---|---|---|---|---|\n");
        foreach (var load in options.Loads)
        {
            for (var placement = 0; placement < 3; placement++)
            {
                var results = options.Seeds.Select(seed => RunOnce(options, load, seed, placement, cancellationToken)).ToArray();
                text.Append(CultureInfo.InvariantCulture, $"| {load:0.00} | {results[0].Name} | {Mean(r => r.AtOnce):0.0%} | {Mean(r => r.Whole):0.0%} | {Mean(r => r.HoursToWhole):0.00} | ");
                text.Append(CultureInfo.InvariantCulture, $"{Mean(r => r.Domains):0.00} | {Mean(r => r.StrandedGpuHours):0} | {Mean(r => r.AtWork):0.0%} |\n");

                double Mean(Func<Result, double> of) => results.Average(of);
            }
        }

        return text.ToString();
    }

    private static Result RunOnce(GangReplayOptions options, double load, long seed, int which, CancellationToken cancellationToken)
    {
        var ledger = Cluster(options);
        IGangPlacement placement = which switch { 0 => new PlannedGangs(), 1 => PodByPod.KubeScheduler(), _ => PodByPod.BestFit(ledger) };
        var jobs = GangJob.Make(options, load, seed);
        var (begin, end) = (jobs[jobs.Length / 5].Arrival, jobs[^1].Arrival);
        var ends = new PriorityQueue<GangJob, double>();
        var waiting = new List<GangJob>();
        var (now, next, stranded, working) = (0.0, 0, 0.0, 0.0);
        var running = 0;
        while (next < jobs.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isEnd = ends.TryPeek(out _, out var ending) && ending <= jobs[next].Arrival;
            var then = isEnd ? ending : jobs[next].Arrival;
            var counted = Math.Max(0, then - Math.Max(now, begin));
            stranded += counted * waiting.Sum(job => job.Nodes.Count * job.Gpus);
            working += counted * running;
            now = then;
            if (isEnd)
            {
                var job = ends.Dequeue();
                running -= job.Pods * job.Gpus;
                for (var i = 0; i < job.Pods; i++) ledger.DeletePod(job.Pod(i, placement.KnowsGangs).Uid);
            }
            else
            {
                var job = jobs[next++];
                waiting.Add(job);
                if (placement.KnowsGangs) for (var i = 0; i < job.Pods; i++) ledger.UpsertPod(job.Pod(i, asGang: true));
            }

            placement.Place(ledger, waiting);
            foreach (var job in waiting.Where(job => job.Nodes.Count == job.Pods))
            {
                job.WholeAt = now;
                running += job.Pods * job.Gpus;
                ends.Enqueue(job, now + job.Hours);
            }

            waiting.RemoveAll(job => job.WholeAt is not null);
        }

        var gangs = jobs.Where(job => job.IsGang && job.Arrival >= begin).ToArray();
        return new Result(
            placement.Name,
            gangs.Average(job => job.WholeAt == job.Arrival ? 1.0 : 0),
            gangs.Average(job => job.WholeAt is null ? 0.0 : 1),
            gangs.Average(job => (job.WholeAt ?? end) - job.Arrival),
            gangs.Where(job => job.WholeAt is not null).Average(job => (double)job.Nodes.Select(node => DomainOf(options, node)).Distinct().Count()),
            stranded,
            working / ((end - begin) * options.Nodes * GpusPerNode));
    }

    private static int DomainOf(GangReplayOptions options, string node) => int.Parse(node.AsSpan(1), CultureInfo.InvariantCulture) / options.NodesPerDomain;

    private static ClusterLedger Cluster(GangReplayOptions options)
    {
        var ledger = new ClusterLedger();
        for (var i = 0; i < options.Nodes; i++)
        {
            ledger.UpsertNode(new Node
            {
                Name = $"n{i}",
                Labels = new Dictionary<string, string>
                {
                    [Leaf] = $"leaf{i / (options.NodesPerDomain * options.DomainsPerLeaf)}",
                    [TopologyLevels.Clique] = $"domain{i / options.NodesPerDomain}",
                },
                Allocatable =
                [
                    new(ResourceNames.Cpu, 192_000), new(ResourceNames.Memory, 2_097_152), new(ResourceNames.Pods, 110), new(GpuResourceCatalog.NvidiaGpu, GpusPerNode),
                ],
            });
        }

        return ledger;
    }

    private sealed record Result(string Name, double AtOnce, double Whole, double HoursToWhole, double Domains, double StrandedGpuHours, double AtWork);
}
