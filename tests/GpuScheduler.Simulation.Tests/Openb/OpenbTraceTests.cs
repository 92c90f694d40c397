using GpuScheduler.Core.Objects;
using GpuScheduler.Simulation.Openb;

namespace GpuScheduler.Simulation.Tests.Openb;

public class OpenbTraceTests
{
    private const string NodeHeader = "sn,cpu_milli,memory_mib,gpu,model\n";
    private const string PodHeader = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,creation_time,deletion_time\n";

    [Fact]
    public void ReadPods_EveryKind_ReadsShapesAndTimes()
    {
        var pods = Pods("a,4000,1024,0,0,,,\nb,1000,2048,1,460,T4|P100,5,70\nc,8000,4096,8,1000,,,\n");

        Assert.Equal(GpuDemand.None, pods[0].Shape.Gpu);
        Assert.Equal(4000, pods[0].Shape.CpuMilli);
        Assert.Equal(GpuDemand.Share(460), pods[1].Shape.Gpu);
        Assert.Equal(["P100", "T4"], pods[1].Shape.Models!.Patterns);
        Assert.Equal((5.0, 70.0), (pods[1].CreatedSeconds, pods[1].DeletedSeconds));
        Assert.Equal(GpuDemand.Whole(8), pods[2].Shape.Gpu);
        Assert.Null(pods[2].CreatedSeconds);
    }

    [Theory]
    [InlineData("a,x,1,0,0,,,\n", "pods.csv, line 2, column cpu_milli: 'x'")]
    [InlineData("a,1,1,0,0,,,\nb,1,-1,0,0,,,\n", "pods.csv, line 3, column memory_mib: '-1'")]
    [InlineData("a,1,1,2,500,,,\n", "pods.csv, line 2, column gpu_milli: 500 of each of 2 GPUs")]
    [InlineData("a,1,1,99,1000,,,\n", "pods.csv, line 2, column num_gpu: '99'")]
    [InlineData("a,1,1,0,0,,\n", "pods.csv, line 2: has 7 cells, the header has 8")]
    [InlineData("a,1,1,0,0,,,\na,1,1,0,0,,,\n", "pods.csv, line 3, column name: 'a' is empty or occurs twice")]
    [InlineData("a,1,1,0,0,,soon,\n", "pods.csv, line 2, column creation_time: 'soon'")]
    public void ReadPods_WrongCell_SaysWhereAndWhat(string lines, string message)
    {
        var problem = Assert.Throws<TraceFormatException>(() => Pods(lines));

        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadPods_MissingColumn_NamesThoseThereAre()
    {
        var problem = Assert.Throws<TraceFormatException>(() => OpenbTrace.ReadPods("pods.csv", new StringReader("name,cpu\na,1\n")));

        Assert.Contains("name, cpu", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadPods_EmptyFile_SaysSo() =>
        Assert.Contains("empty", Assert.Throws<TraceFormatException>(() => OpenbTrace.ReadPods("pods.csv", new StringReader(""))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("n1,many,1,1,T4\n", "cpu_milli")]
    [InlineData("n1,1,1,1,T4\nn1,1,1,1,T4\n", "occurs twice")]
    [InlineData("", "no nodes")]
    public void ReadNodes_SomethingWrong_FailsInsteadOfLeavingItOut(string lines, string message)
    {
        var problem = Assert.Throws<TraceFormatException>(() => OpenbTrace.ReadNodes("nodes.csv", new StringReader(NodeHeader + lines)));

        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<TracePod> Pods(string lines) => OpenbTrace.ReadPods("pods.csv", new StringReader(PodHeader + lines));
}
