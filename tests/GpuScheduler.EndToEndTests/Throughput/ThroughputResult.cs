namespace GpuScheduler.EndToEndTests.Throughput;

/// <summary>What a run came to.</summary>
/// <param name="PodsPerSecond">From the tenth part of the pods scheduled to the last, by kube-scheduler's own count.</param>
/// <param name="Seconds">From the start (of kube-scheduler, or of the burst) until the last pod was scheduled.</param>
/// <param name="NodesUsed">Nodes that hold a pod at the end.</param>
/// <param name="DecidingMilliseconds">How long kube-scheduler decided about each pod, by its own count, one pod after the other.</param>
/// <param name="SchedulerMilliseconds">Processor time of kube-scheduler for each pod.</param>
/// <param name="ServersMilliseconds">Processor time of API server and etcd for each pod.</param>
/// <param name="OurMilliseconds">Our processor time for each pod.</param>
internal readonly record struct ThroughputResult(
    double PodsPerSecond, double Seconds, int NodesUsed, double DecidingMilliseconds, double SchedulerMilliseconds, double ServersMilliseconds, double OurMilliseconds);
