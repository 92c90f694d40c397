using System.Globalization;
using System.Text;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Simulation.Gangs;

/// <summary>
/// Jobs of many pods come and go on a made-up cluster of racks and NVLink domains, beside single pods; a job runs from when its last pod is placed. Compares
/// placing whole gangs by plan with placing pods one at a time.
/// </summary>
public static class GangReplay
{
    internal const int GpusPerNode = 8;

    private const string Leaf = "network.topology.nvidia.com/leaf";

    private const string Head =
        "| load | placement | gangs whole at once | gangs whole by the end | hours until whole | longest wait, hours | NVLink domains per gang | stranded GPU-hours | single pods' wait, hours | GPUs at work |\n"
        + "|---|---|---|---|---|---|---|---|---|---|\n";

    /// <summary>Runs all and gives the table as Markdown.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told of every run that ends; null for nobody.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="ArgumentException">A number makes no sense.</exception>
    public static string Run(GangReplayOptions options, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        Check(options);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{options.Nodes} nodes of {GpusPerNode} GPUs, {options.NodesPerDomain} to an NVLink domain, {options.DomainsPerLeaf} domains to a leaf; ");
        text.Append(CultureInfo.InvariantCulture, $"{options.Jobs} jobs, means over {options.Seeds.Count} seeds. Gangs are the jobs of two pods and more.");
        if (options.Pods.Count > 0) text.Append(CultureInfo.InvariantCulture, $" Single pods have the shapes of {options.Pods.Count} pods of the trace; gangs ask for {options.GangShare:0%} of the GPUs.");
        text.Append("\n\n").Append(Head);
        var placements = Placements(options);
        var (done, all) = (0, options.Loads.Count * placements.Count * options.Seeds.Count);
        foreach (var load in options.Loads)
        {
            foreach (var placement in placements)
            {
                var results = new List<Result>();
                foreach (var seed in options.Seeds)
                {
                    results.Add(RunOnce(options, load, seed, placement(), cancellationToken));
                    progress?.Report(string.Create(CultureInfo.InvariantCulture, $"{++done} of {all}: load {load:0.00}, {results[0].Name}, seed {seed}"));
                }

                text.Append(CultureInfo.InvariantCulture, $"| {load:0.00} | {results[0].Name} | {Mean(r => r.AtOnce):0.0%} | {Mean(r => r.Whole):0.0%} | {Mean(r => r.HoursToWhole):0.00} | ");
                text.Append(CultureInfo.InvariantCulture, $"{Mean(r => r.LongestWait):0.0} | {Mean(r => r.Domains):0.00} | {Mean(r => r.StrandedGpuHours):0} | {Mean(r => r.SingleHours):0.000} | {Mean(r => r.AtWork):0.0%} |\n");

                double Mean(Func<Result, double> of) => results.Average(of);
            }
        }

        return text.ToString();
    }

    /// <summary>The service as it is by default first, then what it can be told, then the baselines.</summary>
    private static List<Func<IGangPlacement>> Placements(GangReplayOptions options)
    {
        var hours = options.ReserveAfterHours;
        var kept = string.Create(CultureInfo.InvariantCulture, $"the same, nodes kept after {hours} h");
        List<Func<IGangPlacement>> placements = [() => new PlannedGangs("planned gangs", options.Packing, reserveAfterHours: 0)];
        if (hours > 0) placements.Add(() => new PlannedGangs(kept, options.Packing, hours));
        placements.Add(() => new PlannedGangs("planned gangs, topology nothing to single pods", options.Packing with { DomainMilli = 0 }, reserveAfterHours: 0));
        return [.. placements, PodByPod.KubeScheduler, PodByPod.BestFit];
    }

    private static void Check(GangReplayOptions options)
    {
        if (options.Nodes < 16 || options.NodesPerDomain < 1 || options.DomainsPerLeaf < 1 || options.Jobs < 10) throw new ArgumentException("at least 16 nodes, 1 node per domain, 1 domain per leaf and 10 jobs are needed");
        if (options.Loads.Any(load => load is <= 0 or > 2) || options.Loads.Count == 0 || options.Seeds.Count == 0) throw new ArgumentException("loads are above 0 and at most 2, and there is at least one load and one seed");
        if (options.GangShare is <= 0 or >= 1) throw new ArgumentException("the gangs' share of the GPUs is above 0 and below 1");
        if (options.ReserveAfterHours < 0) throw new ArgumentException("the hours after which nodes are kept are 0 (never) or more");
    }

    private static Result RunOnce(GangReplayOptions options, double load, long seed, IGangPlacement placement, CancellationToken cancellationToken)
    {
        AddNodes(options, placement.Ledger);
        var jobs = GangJobs.Make(options, load, seed);
        var (begin, end) = (jobs[jobs.Length / 5].Arrival, jobs[^1].Arrival);
        var ends = new PriorityQueue<GangJob, double>();
        var waiting = new List<GangJob>();
        var (now, next, stranded, working, running) = (0.0, 0, 0.0, 0.0, 0.0);
        while (next < jobs.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isEnd = ends.TryPeek(out _, out var ending) && ending <= jobs[next].Arrival;
            var then = isEnd ? ending : jobs[next].Arrival;
            var counted = Math.Max(0, then - Math.Max(now, begin));
            stranded += counted * waiting.Sum(job => job.Nodes.Count * job.GpusPerPod);
            working += counted * running;
            now = then;
            GangJob? newcomer = null;
            if (isEnd)
            {
                var job = ends.Dequeue();
                running -= job.Gpus;
                for (var i = 0; i < job.Pods; i++) placement.Ledger.DeletePod(job.UidOf(i));
            }
            else
            {
                newcomer = jobs[next++];
                waiting.Add(newcomer);
                if (placement.KnowsGangs) for (var i = 0; i < newcomer.Pods; i++) placement.Ledger.UpsertPod(newcomer.Pod(i, saysGang: true));
            }

            placement.Place(waiting, newcomer, now);
            foreach (var job in waiting.Where(job => job.Nodes.Count == job.Pods))
            {
                job.WholeAt = now;
                running += job.Gpus;
                ends.Enqueue(job, now + job.Hours);
            }

            waiting.RemoveAll(job => job.WholeAt is not null);
        }

        var gangs = jobs.Where(job => job.IsGang && job.Arrival >= begin).ToArray();
        return new Result(
            placement.Name,
            gangs.Average(job => job.WholeAt == job.Arrival ? 1.0 : 0),
            gangs.Average(job => job.WholeAt is null ? 0.0 : 1),
            gangs.Average(Wait),
            gangs.Max(Wait),
            gangs.Where(job => job.WholeAt is not null).Average(job => (double)job.Nodes.Select(node => DomainOf(options, node)).Distinct().Count()),
            stranded,
            jobs.Where(job => !job.IsGang && job.Arrival >= begin).Average(Wait),
            working / ((end - begin) * options.Nodes * GpusPerNode));

        double Wait(GangJob job) => (job.WholeAt ?? end) - job.Arrival;
    }

    private static int DomainOf(GangReplayOptions options, string node) => int.Parse(node.AsSpan(1), CultureInfo.InvariantCulture) / options.NodesPerDomain;

    private static void AddNodes(GangReplayOptions options, ClusterLedger ledger)
    {
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
                    new(ResourceNames.Cpu, 192_000), new(ResourceNames.Memory, 2_097_152), new(ResourceNames.Pods, 110),
                    new(GpuResourceCatalog.GpuMilli, GpusPerNode * GpuDemand.WholeMilli),
                ],
            });
        }
    }

    private sealed record Result(
        string Name, double AtOnce, double Whole, double HoursToWhole, double LongestWait, double Domains, double StrandedGpuHours, double SingleHours, double AtWork);
}
