using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Options;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Tests;

public sealed class SchedulerConfigTests
{
    // NVIDIA MIG User Guide, "Supported MIG Profiles" (R580), with the spellings of GB200 before and since the driver changed them; in
    // resource names '+' is '.' (k8s-device-plugin internal/rm/rm.go).
    private const string MigProfiles =
        """
        1g.5gb 1g.5gb.me 1g.10gb 2g.10gb 3g.20gb 4g.20gb 7g.40gb
        1g.10gb.me 1g.20gb 2g.20gb 3g.40gb 4g.40gb 7g.80gb
        1g.12gb 1g.12gb.me 1g.24gb 2g.24gb 3g.47gb 4g.47gb 7g.94gb
        3g.48gb 4g.48gb 7g.96gb
        1g.18gb 1g.18gb.me 1g.35gb 2g.35gb 3g.71gb 4g.71gb 7g.141gb
        1g.36gb 2g.36gb 3g.72gb 4g.72gb 7g.144gb
        1g.23gb 1g.23gb.me 1g.45gb 2g.45gb 3g.90gb 4g.90gb 7g.180gb
        1g.47gb 2g.47gb 3g.93gb 4g.93gb 7g.186gb 3g.95gb 4g.95gb 7g.189gb
        1g.34gb 1g.34gb.me 1g.67gb 2g.67gb 3g.135gb 4g.135gb 7g.269gb
        1g.35gb.me 1g.70gb 2g.70gb 3g.139gb 4g.139gb 7g.278gb
        1g.6gb 1g.6gb.me 2g.12gb 2g.12gb.me 4g.24gb
        1g.24gb.me 1g.24gb.gfx 1g.24gb.me.all 1g.24gb-me 2g.48gb 2g.48gb.gfx 2g.48gb.me.all 2g.48gb-me 4g.96gb 4g.96gb.gfx
        1g.12gb-me 1g.12gb.gfx 2g.24gb-me 4g.48gb.gfx
        """;

    // The in-tree score plugins of 1.36 by weight: TaintToleration 3, NodeAffinity, PodTopologySpread, InterPodAffinity and DynamicResources
    // 2 each, NodeResourcesFit, NodeResourcesBalancedAllocation and ImageLocality 1 each; up to 100 each (pkg/scheduler/apis/config/v1).
    private const int InTreeMaximum = 1400;

    [Theory]
    [InlineData("kube-scheduler.yaml", "kubescheduler.config.k8s.io/v1")]
    [InlineData("kube-scheduler-v1beta1.yaml", "kubescheduler.config.k8s.io/v1beta1")]
    public void Extender_AsShipped_AgreesWithTheService(string file, string apiVersion)
    {
        var root = Load(file);
        var extender = Extender(root);
        var defaults = new GpuSchedulerOptions();

        Assert.Equal(apiVersion, Text(root, "apiVersion"));
        Assert.Equal("100", Text(root, "percentageOfNodesToScore"));
        Assert.Equal("gpu-scheduler", Text((YamlMappingNode)((YamlSequenceNode)root["profiles"])[0], "schedulerName"));
        Assert.Equal(defaults.Server.Urls[0] + defaults.Extender.Path, Text(extender, "urlPrefix"));
        Assert.Equal(
            ["filter", "prioritize", "preempt", "bind"],
            new[] { "filterVerb", "prioritizeVerb", "preemptVerb", "bindVerb" }.Select(verb => Text(extender, verb)));
        Assert.Equal("true", Text(extender, "nodeCacheCapable"));
        Assert.Equal("false", Text(extender, "enableHTTPS"));
        Assert.Equal("false", Text(extender, "ignorable"));
        // One step of our score outweighs everything in-tree: kube-scheduler adds score * weight * 10 (schedule_one.go).
        Assert.True(int.Parse(Text(extender, "weight")) * 10 > InTreeMaximum);
    }

    [Fact]
    public void GpuShare_AsShipped_SendsItsPodsToItsPaths()
    {
        var extender = Extender(Load("kube-scheduler-gpushare.yaml"));

        Assert.Equal(new GpuSchedulerOptions().Server.Urls[0] + "/gpushare-scheduler", Text(extender, "urlPrefix"));
        Assert.Equal(["filter", "prioritize", "bind"], new[] { "filterVerb", "prioritizeVerb", "bindVerb" }.Select(verb => Text(extender, verb)));
        Assert.Equal("aliyun.com/gpu-mem", Text((YamlMappingNode)((YamlSequenceNode)extender["managedResources"]).Single(), "name"));
    }

    [Theory]
    [InlineData("kube-scheduler.yaml")]
    [InlineData("kube-scheduler-v1beta1.yaml")]
    public void ManagedResources_AsShipped_CoverTheCatalogAndEveryMigProfile(string file)
    {
        var resources = ((YamlSequenceNode)Extender(Load(file))["managedResources"]).Cast<YamlMappingNode>().ToList();
        var names = resources.Select(resource => Text(resource, "name")).ToList();
        var profiles = MigProfiles.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(profile => GpuResourceCatalog.MigPrefix + profile);

        Assert.Equal(GpuResourceCatalog.Default.Names.Concat(profiles).Distinct().Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
        // Volcano's plugin has no resource of this name on its nodes: kube-scheduler's own count would find none of it anywhere.
        Assert.All(resources, resource => Assert.Equal(Text(resource, "name") == "volcano.sh/vgpu-memory-percentage" ? "true" : "false", Text(resource, "ignoredByScheduler")));
    }

    private static YamlMappingNode Load(string file)
    {
        var yaml = new YamlStream();
        using var text = File.OpenText(Repository.Path("scheduler-config", file));
        yaml.Load(text);
        return (YamlMappingNode)yaml.Documents.Single().RootNode;
    }

    private static YamlMappingNode Extender(YamlMappingNode root) => (YamlMappingNode)((YamlSequenceNode)root["extenders"]).Single();

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;
}
