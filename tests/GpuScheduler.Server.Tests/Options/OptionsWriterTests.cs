using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Tests.Options;

public sealed class OptionsWriterTests
{
    [Fact]
    public void WriteYaml_ReadBack_IsTheSame()
    {
        var first = new OptionsReading();
        first.ReadYaml(
            "c.yaml",
            """
            cluster: { source: "file:my cluster #1.json", seed: -1 }
            kubernetes: { kubeconfig: '/etc/"quoted"\path' }
            resources: { gpus: { example.com/gpu: Whole, example.com/mem: SharedMemory } }
            scoring: { cpuWeight: 0.5, shape: [0=0, 40=10] }
            topology: { presets: [aws, gke] }
            """);
        Assert.Empty(first.Problems);
        var written = OptionsWriter.WriteYaml(first.Options);

        var second = new OptionsReading();
        second.ReadYaml("written.yaml", written);
        Assert.Empty(second.Problems);
        Assert.Equal(written, OptionsWriter.WriteYaml(second.Options));
        Assert.Equal("file:my cluster #1.json", second.Options.Cluster.Source);
        Assert.Equal("/etc/\"quoted\"\\path", second.Options.Kubernetes.Kubeconfig);
    }

    [Fact]
    public void WriteYaml_ChangedOption_NamesTheDefault()
    {
        var options = new GpuSchedulerOptions();
        options.Cluster.Nodes = 7;
        Assert.Contains("Default: 200\n  nodes: 7\n", OptionsWriter.WriteYaml(options), StringComparison.Ordinal);
    }

    [Fact]
    public void Catalog_SectionsAndOptions_Agree()
    {
        Assert.Equal(OptionCatalog.Sections.Select(section => section.Name), OptionCatalog.All.Select(option => option.Section).Distinct());
        Assert.Equal(OptionCatalog.All.Count, OptionCatalog.All.Select(option => option.Path).Distinct().Count());
        Assert.All(OptionCatalog.All, option => Assert.EndsWith(".", option.Description, StringComparison.Ordinal));
    }

    /// <summary>With <c>GPU_SCHEDULER_UPDATE=1</c> in the environment it repairs the README instead.</summary>
    [Fact]
    public void Readme_OptionReference_IsTheCatalog()
    {
        const string Begin = "<!-- options: written by OptionsWriter, kept true by a test -->\n";
        const string End = "<!-- options end -->";
        var path = Repository.Path("README.md");
        var readme = File.ReadAllText(path);
        var from = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        var to = readme.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("GPU_SCHEDULER_UPDATE") == "1") File.WriteAllText(path, readme[..from] + OptionsWriter.WriteReference() + readme[to..]);
        else Assert.Equal(OptionsWriter.WriteReference(), readme[from..to]);
    }
}
