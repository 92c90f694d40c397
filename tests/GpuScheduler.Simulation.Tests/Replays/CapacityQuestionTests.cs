using GpuScheduler.Core.Resources;
using GpuScheduler.Simulation.Replays;
using GpuScheduler.Testing;

namespace GpuScheduler.Simulation.Tests.Replays;

public class CapacityQuestionTests
{
    [Fact]
    public void Answer_AsManyAsFit_CountsWhatIsLeftByThePodsThatAreThere()
    {
        var question = Question("gpu=2 cpu=1") with { Pods = [MakePod.Named("there").Gpus(3).On("a").Build(), MakePod.Named("waits").Gpus(8).Build()] };

        Assert.Equal([6], Assert.Single(question.Answer(default)).Placed);
    }

    [Fact]
    public void Answer_SoMany_StopsThere() => Assert.Equal([3], Assert.Single(Question("gpu=1 x 3").Answer(default)).Placed);

    [Fact]
    public void Answer_TwoShapes_TakesThemInTurn() => Assert.Equal([2, 2], Assert.Single(Question("gpu=4", "gpu=4").Answer(default)).Placed);

    [Theory]
    [InlineData("gpu", "'gpu' is not resource=amount")]
    [InlineData("gpu=1 x many", "'many' is not a number of pods")]
    [InlineData("memory=64Gib", "memory")]
    [InlineData("x 3", "asks for nothing")]
    public void Parse_WrongShape_SaysWhatAndGivesAnExample(string text, string message)
    {
        var problem = Assert.Throws<FormatException>(() => ShapeText.Parse(text, GpuResourceCatalog.Default));

        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Contains("for example", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Shape_ReadsQuantitiesAndModels()
    {
        var (shape, count) = ShapeText.Parse("cpu=1500m, memory=64Gi gpu-milli=250 model=T4|A100 x 20", GpuResourceCatalog.Default);

        Assert.Equal((1500, 65536, 250, 20), (shape.CpuMilli, shape.MemoryMiB, shape.Gpu.MilliPerGpu, count));
        Assert.True(shape.Models!.Accepts("T4"));
    }

    private static CapacityQuestion Question(params string[] add) => new()
    {
        Nodes = [MakeNode.Named("a").Cpu("64").Gpus(8).Build(), MakeNode.Named("b").Cpu("64").Gpus(8).Build()],
        Pods = [],
        Add = [.. add.Select(text => ShapeText.Parse(text, GpuResourceCatalog.Default))],
        Policies = ["ResidualValue"],
    };
}
