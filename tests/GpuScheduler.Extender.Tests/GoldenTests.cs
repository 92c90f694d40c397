using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Extender.Tests;

/// <summary>
/// Requests and the very bytes of their answers, for the cluster in <c>Golden/cluster.json</c>. The files' names tell the verb. An answer that
/// is meant to change is written by running the tests with <c>GPU_SCHEDULER_UPDATE_GOLDEN</c> set to the folder, and read before it is committed.
/// </summary>
public sealed class GoldenTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Golden");

    public static TheoryData<string> Cases() =>
        [.. Directory.GetFiles(Folder, "*.request.json").Select(file => Path.GetFileName(file)[..^".request.json".Length]).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Answer_GoldenRequest_IsTheGoldenAnswer(string name)
    {
        var answer = Cluster().CallRaw(VerbOf(name), File.ReadAllBytes(Path.Combine(Folder, $"{name}.request.json")));
        if (Environment.GetEnvironmentVariable("GPU_SCHEDULER_UPDATE_GOLDEN") is { Length: > 0 } folder)
        {
            File.WriteAllText(Path.Combine(folder, $"{name}.answer.json"), answer + "\n");
        }

        Assert.Equal(File.ReadAllText(Path.Combine(Folder, $"{name}.answer.json")).TrimEnd('\n'), answer);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Answer_GoldenRequestCutAnywhere_IsWellFormed(string name)
    {
        CutBodies.AssertAllAnswered(Cluster(), VerbOf(name), File.ReadAllText(Path.Combine(Folder, $"{name}.request.json"), Encoding.UTF8));
    }

    private static ExtenderVerb VerbOf(string name) => Enum.Parse<ExtenderVerb>(name.Split('-')[1], ignoreCase: true);

    private static ExtenderHarness Cluster()
    {
        var objects = new KubernetesListReader(GpuResourceCatalog.Default).Read(File.ReadAllBytes(Path.Combine(Folder, "cluster.json")));
        Assert.Empty(objects.Problems);
        return new ExtenderHarness().With(objects.Nodes).With(objects.Pods);
    }
}
