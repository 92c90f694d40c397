using System.Reflection;
using System.Xml.Linq;

namespace GpuScheduler.Server.Tests;

/// <summary>The rules that keep the parts apart.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["GpuScheduler.Core"] = [],
        ["GpuScheduler.Kubernetes"] = [],
        ["GpuScheduler.Cluster"] = ["GpuScheduler.Core", "GpuScheduler.Kubernetes"],
        ["GpuScheduler.Extender"] = ["GpuScheduler.Core"],
        ["GpuScheduler.Simulation"] = ["GpuScheduler.Core"],
        ["GpuScheduler.Server"] =
        [
            "GpuScheduler.Core", "GpuScheduler.Kubernetes", "GpuScheduler.Cluster", "GpuScheduler.Extender", "GpuScheduler.Simulation",
        ],
    };

    // What building, testing and tools leave behind; .gitignore names the same.
    private static readonly string[] LeftBehind = ["bin", "obj", "TestResults", "BenchmarkDotNet.Artifacts", ".vs", ".idea", "out"];

    [Fact]
    public void ProjectReferences_OfSrc_AreThoseOfTheTable()
    {
        var actual = Projects("src").ToDictionary(project => project.Name, project => project.References);
        Assert.Equal(AllowedReferences.Keys.Order(), actual.Keys.Order());
        foreach (var (project, references) in actual)
        {
            Assert.True(references.All(AllowedReferences[project].Contains), $"{project} may not reference {string.Join(", ", references.Except(AllowedReferences[project]))}");
        }
    }

    [Fact]
    public void ProjectReferences_OfTests_AreTheTestedProjectAndTesting()
    {
        foreach (var (name, references) in Projects("tests"))
        {
            string[] allowed = name switch
            {
                "GpuScheduler.Testing" => ["GpuScheduler.Core", "GpuScheduler.Kubernetes"],
                "GpuScheduler.EndToEndTests" => ["GpuScheduler.Server", "GpuScheduler.Testing"],
                "GpuScheduler.Benchmarks.Tests" => ["GpuScheduler.Benchmarks", "GpuScheduler.LoadTest", "GpuScheduler.Testing"],
                _ => [name[..^".Tests".Length], "GpuScheduler.Testing"],
            };
            Assert.True(references.All(allowed.Contains), $"{name} may not reference {string.Join(", ", references.Except(allowed))}");
        }
    }

    [Fact]
    public void Tests_MirrorSrcAndTheTestedBenchmarks()
    {
        var tested = Projects("tests").Select(project => project.Name).Where(name => name.EndsWith(".Tests", StringComparison.Ordinal))
            .Select(name => name[..^".Tests".Length]);
        Assert.Equal([.. AllowedReferences.Keys.Append("GpuScheduler.Benchmarks").Order()], tested.Order());
    }

    [Fact]
    public void Core_HasNoPackageReference()
    {
        var project = XDocument.Load(Repository.Path("src", "GpuScheduler.Core", "GpuScheduler.Core.csproj"));
        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("FrameworkReference"));
    }

    [Fact]
    public void KubernetesClient_IsSeenByTheApiClientOnly()
    {
        var references = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .SelectMany(file => XDocument.Load(file).Descendants("PackageReference").Select(reference => (file, reference)))
            .Where(found => found.reference.Attribute("Include")?.Value.StartsWith("KubernetesClient", StringComparison.Ordinal) == true);

        var (project, package) = Assert.Single(references, found => !found.file.EndsWith("Tests.csproj", StringComparison.Ordinal));
        Assert.Equal("GpuScheduler.Kubernetes", Path.GetFileNameWithoutExtension(project));
        Assert.Equal("compile", package.Attribute("PrivateAssets")?.Value);
    }

    [Fact]
    public void Core_UsesNeitherFilesNorNetworkNorConsole()
    {
        string[] banned = ["System.Net.Http", "System.Net.Sockets", "System.Console", "System.IO.FileSystem", "System.Diagnostics.Process"];
        var used = Assembly.Load("GpuScheduler.Core").GetReferencedAssemblies().Select(name => name.Name!);
        Assert.Empty(used.Intersect(banned));
    }

    [Fact]
    public void TopLevel_HoldsOnlyWhatBelongsThere()
    {
        string[] allowed =
        [
            "src", "tests", "benchmarks", "deploy", "scheduler-config", "GpuScheduler.sln", "README.md", "global.json", "Directory.Build.props",
            "Directory.Packages.props",
        ];
        var found = new DirectoryInfo(Repository.Root).EnumerateFileSystemInfos().Select(entry => entry.Name)
            .Where(name => name[0] != '.' && !LeftBehind.Contains(name));
        Assert.Empty(found.Except(allowed));
    }

    [Fact]
    public void EveryProject_IsInTheSolution()
    {
        var solution = File.ReadAllText(Repository.Path("GpuScheduler.sln"));
        foreach (var folder in new[] { "src", "tests", "benchmarks" })
        {
            Assert.All(Projects(folder), project => Assert.Contains($"\"{project.Name}\"", solution, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("GpuScheduler.Core")]
    [InlineData("GpuScheduler.Kubernetes")]
    [InlineData("GpuScheduler.Cluster")]
    [InlineData("GpuScheduler.Extender")]
    [InlineData("GpuScheduler.Simulation")]
    [InlineData("gpu-scheduler")]
    public void PublicTypes_HaveASummary(string assembly)
    {
        var documented = XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly + ".xml")).Descendants("member")
            .Where(member => member.Element("summary") is { } summary && (summary.Value.Trim().Length > 0 || summary.HasElements))
            .Select(member => member.Attribute("name")!.Value).ToHashSet();
        var missing = Assembly.Load(assembly).GetExportedTypes().Select(type => "T:" + type.FullName!.Replace('+', '.'))
            // Top-level statements make a public Program of their own.
            .Where(name => name != "T:Program" && !documented.Contains(name));
        Assert.Empty(missing);
    }

    private static IEnumerable<(string Name, string[] References)> Projects(string folder) =>
        Directory.EnumerateFiles(Repository.Path(folder), "*.csproj", SearchOption.AllDirectories).Select(file => (
            Path.GetFileNameWithoutExtension(file),
            XDocument.Load(file).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/'))).ToArray()));
}
