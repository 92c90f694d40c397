using System.Xml.Linq;
using GpuScheduler.Server.Options;
using GpuScheduler.Server.Tests.Deploy.Helm;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Tests.Deploy;

/// <summary>The image is the same whoever builds it, and is the one that the manifests and the chart run.</summary>
public sealed class ContainerImageTests
{
    private static readonly XDocument Project = XDocument.Load(Repository.Path("src", "GpuScheduler.Server", "GpuScheduler.Server.csproj"));

    private static readonly string[] Dockerfile = [.. File.ReadLines(Repository.Path("deploy", "Dockerfile")).Where(line => line.Length > 0 && line[0] != '#')];

    private static readonly YamlNode Pod = Manifests.Find("Deployment", "gpu-scheduler").At("spec", "template", "spec")!;

    private static readonly YamlNode Container = Pod.At("containers", "0")!;

    [Fact]
    public void BaseImage_BothBuilds_IsTheSameAndHasTheFrameworkItIsBuiltFor()
    {
        var image = Property("ContainerBaseImage");

        Assert.Equal(image, Dockerfile.Last(line => line.StartsWith("FROM ", StringComparison.Ordinal))["FROM ".Length..]);
        Assert.Equal("mcr.microsoft.com/dotnet/aspnet:" + BuildProperty("TargetFramework")["net".Length..] + "-noble-chiseled", image);
        Assert.Contains($"mcr.microsoft.com/dotnet/sdk:{BuildProperty("TargetFramework")["net".Length..]}-noble ", Dockerfile[0], StringComparison.Ordinal);
    }

    [Fact]
    public void User_ImageManifestAndChart_IsTheSameNumberAndNotRoot()
    {
        var user = Pod.Text("securityContext", "runAsUser")!;

        Assert.True(int.Parse(user) > 0);
        Assert.Equal(user, Property("ContainerUser"));
        Assert.Equal(user, Instruction("USER"));
        Assert.Contains($"runAsUser: {user}\n", File.ReadAllText(Path.Combine(Chart.Folder, "templates", "_helpers.tpl")), StringComparison.Ordinal);
    }

    [Fact]
    public void Port_ImageManifestChartAndDefault_IsTheSame()
    {
        var port = new Uri(new GpuSchedulerOptions().Server.Urls[0]).Port.ToString();

        Assert.Equal(port, (string?)Assert.Single(Project.Descendants("ContainerPort")).Attribute("Include"));
        Assert.Equal(port, Instruction("EXPOSE"));
        Assert.Equal(port, Container.Text("ports", "0", "containerPort"));
        Assert.Equal(port, Chart.Values.Text("port"));
    }

    [Fact]
    public void Entrypoint_BothBuilds_IsTheProgramAndManifestsOnlyAddArguments()
    {
        var program = $"{Property("ContainerWorkingDirectory")}/{Property("AssemblyName")}";

        Assert.Equal(program, (string?)Assert.Single(Project.Descendants("ContainerAppCommand")).Attribute("Include"));
        Assert.Equal("Entrypoint", Property("ContainerAppCommandInstruction"));
        Assert.Equal($"[\"{program}\"]", Instruction("ENTRYPOINT"));
        Assert.Equal(Property("ContainerWorkingDirectory"), Dockerfile.Last(line => line.StartsWith("WORKDIR ", StringComparison.Ordinal))["WORKDIR ".Length..]);
        Assert.Null(Container.At("command"));
    }

    [Fact]
    public void NameAndVersion_BuildManifestAndChart_AreTheSame()
    {
        var (name, version) = (Property("ContainerRepository"), BuildProperty("Version"));

        Assert.Equal("$(Version)", Property("ContainerImageTag"));
        Assert.Equal($"{name}:{version}", Container.Text("image"));
        Assert.Equal(name, Chart.Values.Text("image", "repository"));
        Assert.Equal(version, Chart.Metadata.Text("appVersion"));
        Assert.Contains($"{name}:{version}", File.ReadAllText(Repository.Path("deploy", "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void DockerIgnore_WhatTheBuildReads_IsInTheContext()
    {
        var admitted = File.ReadLines(Repository.Path(".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToHashSet();

        Assert.All(admitted, path => Assert.True(Path.Exists(Repository.Path(path)), path));
        string[] read = ["global.json", "src", .. Directory.EnumerateFiles(Repository.Root, "Directory.*").Select(file => Path.GetFileName(file)), ".bannedsymbols.txt", ".editorconfig"];
        Assert.Empty(read.Except(admitted));
    }

    private static string Property(string name) => Assert.Single(Project.Descendants(name)).Value;

    private static string BuildProperty(string name) => Assert.Single(XDocument.Load(Repository.Path("Directory.Build.props")).Descendants(name)).Value;

    private static string Instruction(string name) =>
        Assert.Single(Dockerfile, line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..];
}
