using GpuScheduler.Simulation.Gangs;

namespace GpuScheduler.Simulation.Tests.Gangs;

public sealed class GangReplayTests
{
    private static readonly GangReplayOptions Small = new() { Nodes = 64, Jobs = 150, Loads = [0.85], Seeds = [1] };

    [Fact]
    public void Run_SameSeed_GivesTheSameTable() => Assert.Equal(GangReplay.Run(Small, default), GangReplay.Run(Small, default));

    [Fact]
    public void Run_PlannedGangs_StrandNothingAndStayCloserThanPodByPod()
    {
        var rows = GangReplay.Run(Small, default).Split('\n').Where(line => line.StartsWith("| 0.85", StringComparison.Ordinal)).Select(line => line.Split('|').Select(cell => cell.Trim()).ToArray()).ToArray();

        Assert.Equal(["planned gangs", "one at a time, LeastAllocated", "one at a time, BestFit"], rows.Select(row => row[2]));
        Assert.Equal("0", rows[0][7]);
        Assert.All(rows[1..], row => Assert.True(Number(rows[0][6]) < Number(row[6]), $"{rows[0][6]} domains per gang, and {row[6]} with {row[2]}"));
    }

    [Fact]
    public void Run_NumbersThatMakeNoSense_AreRefused() => Assert.Throws<ArgumentException>(() => GangReplay.Run(Small with { Loads = [0] }, default));

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
