using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Simulation.Gangs;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Simulation.Tests.Gangs;

public sealed class GangReplayTests
{
    private static readonly GangReplayOptions Small = new() { Nodes = 64, Jobs = 150, Loads = [0.85], Seeds = [1] };

    [Fact]
    public void Run_SameSeed_GivesTheSameTable() => Assert.Equal(GangReplay.Run(Small, null, default), GangReplay.Run(Small, null, default));

    [Fact]
    public void Run_PlannedGangs_StrandNothingAndStayCloserThanPodByPod()
    {
        var rows = GangReplay.Run(Small, null, default).Split('\n').Where(line => line.StartsWith("| 0.85", StringComparison.Ordinal)).Select(line => line.Split('|').Select(cell => cell.Trim()).ToArray()).ToArray();

        Assert.Equal(
            ["planned gangs", "the same, nodes kept after 1 h", "planned gangs, topology nothing to single pods", "one at a time, LeastAllocated", "one at a time, BestFit"],
            rows.Select(row => row[2]));
        Assert.All(rows[..3], row => Assert.Equal("0", row[8]));
        Assert.All(rows[3..], row => Assert.True(Number(rows[0][7]) < Number(row[7]), $"{rows[0][7]} domains per gang, and {row[7]} with {row[2]}"));
    }

    [Fact]
    public void Run_PodsOfATrace_GiveSinglePodsTheirShapesAndEveryRunIsTold()
    {
        var pods = new[] { new TracePod("p", new PodShape([new(ResourceNames.Cpu, 4000), new(GpuResourceCatalog.GpuMilli, 500)], GpuResourceCatalog.Default), null, null) };
        var told = new List<string>();

        var table = GangReplay.Run(Small with { Pods = pods, GangShare = 0.8 }, new Listing(told), default);

        Assert.Contains("Single pods have the shapes of 1 pods of the trace; gangs ask for 80% of the GPUs.", table, StringComparison.Ordinal);
        Assert.Equal(5, told.Count);
        Assert.StartsWith("5 of 5: load 0.85, one at a time, BestFit, seed 1", told[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Run_NumbersThatMakeNoSense_AreRefused() => Assert.Throws<ArgumentException>(() => GangReplay.Run(Small with { Loads = [0] }, null, default));

    private sealed class Listing(List<string> told) : IProgress<string>
    {
        public void Report(string value) => told.Add(value);
    }

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
