using GpuScheduler.Core.Gangs;
using GpuScheduler.Testing;

namespace GpuScheduler.Core.Tests.Gangs;

public sealed class GangMembershipTests
{
    public static TheoryData<string, MakePod, string?, int> Cases() => new()
    {
        { "nothing", Pod(), null, 0 },
        { "ours as label", Pod().Label("gpu-scheduler.io/gang", "g").Label("gpu-scheduler.io/gang-size", "4"), "gang default/g", 4 },
        { "ours as annotation", Pod().Annotation("gpu-scheduler.io/gang", "g").Annotation("gpu-scheduler.io/gang-size", "4"), "gang default/g", 4 },
        { "size is no number", Pod().Annotation("gpu-scheduler.io/gang", "g").Annotation("gpu-scheduler.io/gang-size", "four"), "gang default/g", 0 },
        { "indexed Job", Pod().Controller("Job", "j").Annotation("gpu-scheduler.io/gang-size", "4"), "gang default/Job-j", 4 },
        { "Job without a size", Pod().Controller("Job", "j").Label("batch.kubernetes.io/job-name", "j"), null, 0 },
        { "native", Pod().SchedulingGroup("pg"), "native-PodGroup default/pg", 0 },
        { "coscheduling", Pod().Label("scheduling.x-k8s.io/pod-group", "pg"), "PodGroup default/pg", 0 },
        { "coscheduling with our size", Pod().Label("scheduling.x-k8s.io/pod-group", "pg").Annotation("gpu-scheduler.io/gang-size", "3"), "PodGroup default/pg", 3 },
        {
            "lightweight coscheduling",
            Pod().Label("pod-group.scheduling.sigs.k8s.io/name", "pg").Label("pod-group.scheduling.sigs.k8s.io/min-available", "2"), "PodGroup default/pg", 2
        },
        { "Volcano", Pod().Annotation("scheduling.k8s.io/group-name", "pg").Annotation("scheduling.volcano.sh/group-min-member", "5"), "volcano-PodGroup default/pg", 5 },
        { "Koordinator", Pod().Annotation("gang.scheduling.koordinator.sh/name", "k").Annotation("gang.scheduling.koordinator.sh/min-available", "6"), "koordinator-gang default/k", 6 },
        {
            "LeaderWorkerSet", Pod().Label("leaderworkerset.sigs.k8s.io/name", "l").Label("leaderworkerset.sigs.k8s.io/group-index", "2").Annotation("leaderworkerset.sigs.k8s.io/size", "4"),
            "LeaderWorkerSet default/l-2", 4
        },
        { "JobSet", Pod().Controller("Job", "s-workers-0").Label("jobset.sigs.k8s.io/jobset-name", "s").Annotation("gpu-scheduler.io/gang-size", "8"), "JobSet default/s", 8 },
        { "PyTorchJob", Pod().Label("training.kubeflow.org/job-name", "t"), "training-job default/t", 0 },
        {
            "PyTorchJob with the PodGroup its operator makes", Pod().Label("training.kubeflow.org/job-name", "t").Annotation("scheduling.k8s.io/group-name", "t"),
            "volcano-PodGroup default/t", 0
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_WhatUsersWrite_IsTheGang(string what, MakePod pod, string? key, int size)
    {
        var membership = GangMembership.Of(pod.Build());

        Assert.True(membership?.Key.ToString() == key, what);
        Assert.Equal(size, membership?.MinSize ?? 0);
    }

    [Fact]
    public void Of_Wishes_AreReadFromAllConventions()
    {
        Assert.Equal(new TopologyWish("a", null), WishOf(Gang().Annotation("gpu-scheduler.io/topology-required", "a")));
        Assert.Equal(new TopologyWish("a", "b"), WishOf(Gang().Annotation("kueue.x-k8s.io/podset-required-topology", "a").Annotation("kai.scheduler/topology-preferred-placement", "b")));
        Assert.Equal(TopologyWish.None with { RequiredTier = 1 }, WishOf(Gang().Annotation("volcano.sh/network-topology-highest-tier", "1")));
        Assert.Equal(
            TopologyWish.None with { PreferredTier = 1 },
            WishOf(Gang().Annotation("volcano.sh/network-topology-highest-tier", "1").Annotation("volcano.sh/network-topology-mode", "soft")));
        Assert.Same(TopologyWish.None, WishOf(Gang()));
    }

    private static TopologyWish WishOf(MakePod pod) => GangMembership.Of(pod.Build())!.Topology;

    private static MakePod Pod() => MakePod.Named("p");

    private static MakePod Gang() => Pod().Label("gpu-scheduler.io/gang", "g");
}
