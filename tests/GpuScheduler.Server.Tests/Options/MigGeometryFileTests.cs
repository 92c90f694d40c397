using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Tests.Options;

public sealed class MigGeometryFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Read_TheReadmesExample_IsUsed()
    {
        var readme = File.ReadAllText(Repository.Path("src", "GpuScheduler.Core", "Mig", "README.md"));
        var from = readme.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;

        var (catalog, problems) = Read(readme[from..readme.IndexOf("```", from, StringComparison.Ordinal)]);

        Assert.Empty(problems);
        Assert.Equal("A200-TEST", catalog.Find("NVIDIA-A200-TEST", 98304)?.Name);
    }

    [Fact]
    public void Read_Json_IsUsed()
    {
        var (catalog, problems) = Read("""{"geometries":[{"name":"X","models":["NVIDIA-X"],"memoryGb":20,"profiles":[{"name":"1g.10gb","starts":[0,1],"size":1},{"name":"2g.20gb","starts":[0],"size":2}]}]}""");

        Assert.Empty(problems);
        Assert.Equal(2, catalog.Find("NVIDIA-X", 0)!.Profiles[0].MaxCount);
    }

    [Fact]
    public void Read_WrongFields_NamesLineAndField()
    {
        var problems = Read(
            """
            geometries:
              - name: X
                memoryGb: lots
                models: [NVIDIA-X]
                profiles:
                  - name: 1g.10gb
                    starts: 0
                    sizes: 1
            """).Problems;

        Assert.Contains($"{_path}:3:15: geometries[0].memoryGb 'lots' is not a whole number; write digits only", problems);
        Assert.Contains($"{_path}:7:17: geometries[0].profiles[0].starts is not a list; write [a, b] or one item per line behind a dash", problems);
        Assert.Contains($"{_path}:8:9: geometries[0].profiles[0].sizes is not known; there are name, starts, size, maxCount, aliases", problems);
    }

    [Fact]
    public void Read_ImpossiblePlacements_NamesTheProfilesLine()
    {
        var problems = Read(
            """
            geometries:
              - name: X
                memoryGb: 20
                profiles:
                  - name: 1g.10gb
                    starts: [1, 0]
                    size: 1
            """).Problems;

        Assert.Contains(problems, problem => problem.StartsWith($"{_path}:5:9: ", StringComparison.Ordinal) && problem.Contains("ascending", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("geometries: [")]
    [InlineData("")]
    public void Read_NoYaml_SaysSo(string text) => Assert.NotEmpty(Read(text).Problems);

    [Fact]
    public void Read_MissingFile_SaysSo() => Assert.Contains("cannot be read", MigGeometryFile.Read("/no/such/file.yaml").Problems[0].Message, StringComparison.Ordinal);

    private (Core.Mig.MigCatalog Catalog, IReadOnlyList<string> Problems) Read(string text)
    {
        File.WriteAllText(_path, text);
        var (catalog, problems) = MigGeometryFile.Read(_path);
        return (catalog, [.. problems.Select(problem => problem.ToString())]);
    }
}
