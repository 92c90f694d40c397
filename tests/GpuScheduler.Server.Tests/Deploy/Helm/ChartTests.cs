using System.Text.Json.Nodes;
using GpuScheduler.Server.Options;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Tests.Deploy.Helm;

/// <summary>The chart installs what the plain manifests install.</summary>
public sealed class ChartTests
{
    [SkippableFact]
    public void Render_DefaultValues_IsThePlainManifestsWithoutTheNamespace()
    {
        var rendered = Chart.Render().ToDictionary(Key, Comparable);

        var plain = Manifests.Objects.Where(o => o.Text("kind") != "Namespace").ToDictionary(Key, Comparable);
        Assert.Equal(plain.Keys.Order(StringComparer.Ordinal), rendered.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, expected) in plain) Assert.Equal(expected, rendered[key]);
    }

    [Theory]
    [InlineData("base/rbac.yaml", "rbac.yaml")]
    [InlineData("components/gpushare-health/rbac.yaml", "gpushare-health-rbac.yaml")]
    [InlineData("components/token-review/rbac.yaml", "token-review-rbac.yaml")]
    [InlineData("base/kube-scheduler/rbac.yaml", "kube-scheduler-rbac.yaml")]
    [InlineData("monitoring/alert-rules.yml", "alert-rules.yml")]
    [InlineData("../scheduler-config/kube-scheduler.yaml", "kube-scheduler.yaml")]
    [InlineData("../scheduler-config/kube-scheduler-v1beta1.yaml", "kube-scheduler-v1beta1.yaml")]
    public void Files_CopiesInTheChart_AreTheOriginals(string original, string copy)
    {
        var from = Repository.Path("deploy", original);
        var to = Path.Combine(Chart.Folder, "files", copy);
        if (Environment.GetEnvironmentVariable("GPU_SCHEDULER_UPDATE") is not null) File.Copy(from, to, overwrite: true);

        Assert.Equal(File.ReadAllText(from), File.ReadAllText(to));
    }

    [SkippableFact]
    public void Render_WithoutItsKubeScheduler_LeavesTheConfigurationForAnother()
    {
        var objects = Chart.Render(["kubeScheduler.enabled=false", "kubeScheduler.urlPrefix=\"https://10.0.0.7:8443/scheduler\""]);

        Assert.DoesNotContain(objects, o => o.Text("kind") == "Deployment" && o.Text("metadata", "name") == "gpu-kube-scheduler");
        Assert.DoesNotContain(objects, o => o.Text("kind") != "ConfigMap" && o.Text("metadata", "name")!.StartsWith("gpu-kube-scheduler", StringComparison.Ordinal));
        Assert.Contains("urlPrefix: https://10.0.0.7:8443/scheduler", Find(objects, "ConfigMap", "gpu-kube-scheduler").Text("data", "kube-scheduler.yaml"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Render_GpushareConfigMapsOn_GrantsReadingThem()
    {
        var objects = Chart.Render(["config.health={\"gpushareConfigMaps\":true}"], releaseNamespace: "gpus");

        Assert.Equal("gpus", Find(objects, "RoleBinding", "gpu-scheduler-gpushare-health").Text("subjects", "0", "namespace"));
        Assert.Equal("kube-system", Find(objects, "Role", "gpu-scheduler-gpushare-health").Text("metadata", "namespace"));
    }

    [SkippableFact]
    public void Render_MutualTls_IsThePlainManifestsWithTheComponent()
    {
        var rendered = Chart.Render(["tls.enabled=true", "tls.clientAuth.enabled=true"]).ToDictionary(Key, Comparable);

        var plain = Kustomize.Build("base", "tls").Where(o => o.Text("kind") != "Namespace").ToDictionary(Key, Comparable);
        Assert.Equal(plain.Keys.Order(StringComparer.Ordinal), rendered.Keys.Order(StringComparer.Ordinal));
        foreach (var (key, expected) in plain) Assert.Equal(expected, rendered[key]);
    }

    [SkippableFact]
    public void Render_TokenReview_IsThePlainManifestsWithTheComponentsRole()
    {
        var rendered = Chart.Render(["config.access={\"tokenReview\":true}"], releaseNamespace: "gpus");

        var role = Kustomize.Build("base", "token-review").Single(o => o.Text("metadata", "name") == "gpu-scheduler-reader");
        Assert.Equal(Comparable(role), Comparable(Find(rendered, "ClusterRole", "gpu-scheduler-reader")));
        Assert.Equal("gpus", Find(rendered, "ClusterRoleBinding", "gpu-scheduler-auth-delegator").Text("subjects", "0", "namespace"));
        Assert.DoesNotContain(Chart.Render(), o => o.Text("metadata", "name") == "gpu-scheduler-auth-delegator");
    }

    [SkippableFact]
    public void Render_Tls_IsReadByTheServiceAndByWhoeverCallsIt()
    {
        var objects = Chart.Render(
        [
            "tls.enabled=true", "tls.secretName=\"certs\"", "serviceMonitor.enabled=true", "port=8443",
            "serviceMonitor.bearerTokenFile=\"/var/run/token\"", """serviceMonitor.authorization={"credentials":{"name":"s","key":"token"}}""",
        ]);

        var reading = new OptionsReading();
        reading.ReadYaml("config.yaml", Find(objects, "ConfigMap", "gpu-scheduler").Text("data", "gpu-scheduler.yaml")!);
        reading.CheckTogether();
        Assert.Empty(reading.Problems);
        Assert.Equal("https://0.0.0.0:8443", Assert.Single(reading.Options.Server.Urls));
        Assert.Equal("", reading.Options.Tls.ClientCaFile);
        var pod = Find(objects, "Deployment", "gpu-scheduler").At("spec", "template", "spec")!;
        Assert.Equal(("certs", "/etc/gpu-scheduler-tls"), (pod.Text("volumes", "1", "secret", "secretName"), pod.Text("containers", "0", "volumeMounts", "1", "mountPath")));
        Assert.StartsWith("/etc/gpu-scheduler-tls/", reading.Options.Tls.CertificateFile, StringComparison.Ordinal);
        foreach (var probe in (string[])["livenessProbe", "readinessProbe"]) Assert.Equal("HTTPS", pod.Text("containers", "0", probe, "httpGet", "scheme"));
        var config = Find(objects, "ConfigMap", "gpu-kube-scheduler").Text("data", "kube-scheduler.yaml")!;
        Assert.Contains("urlPrefix: https://gpu-scheduler.gpu-scheduler.svc:8443/scheduler", config, StringComparison.Ordinal);
        Assert.Contains("enableHTTPS: true\n    tlsConfig:\n      caFile: /etc/gpu-scheduler-tls/ca.crt\n", config, StringComparison.Ordinal);
        Assert.DoesNotContain("certFile", config, StringComparison.Ordinal);
        var scheduler = Find(objects, "Deployment", "gpu-kube-scheduler").At("spec", "template", "spec")!;
        Assert.Equal("ca.crt", Assert.Single(scheduler.List("volumes", "1", "projected", "sources")).Text("secret", "items", "0", "key"));
        var endpoint = Find(objects, "ServiceMonitor", "gpu-scheduler").At("spec", "endpoints", "0")!;
        Assert.Equal(("https", "certs", "gpu-scheduler.gpu-scheduler.svc"), (endpoint.Text("scheme"), endpoint.Text("tlsConfig", "ca", "secret", "name"), endpoint.Text("tlsConfig", "serverName")));
        Assert.Equal(("/var/run/token", "token"), (endpoint.Text("bearerTokenFile"), endpoint.Text("authorization", "credentials", "key")));
    }

    [SkippableFact]
    public void Render_InAnotherNamespace_NamesNoOther()
    {
        var objects = Chart.Render(releaseNamespace: "gpus");

        foreach (var o in objects.Where(o => o.Text("metadata", "namespace") is not (null or "kube-system"))) Assert.Equal("gpus", o.Text("metadata", "namespace"));
        foreach (var subject in objects.SelectMany(o => o.List("subjects"))) Assert.Equal("gpus", subject.Text("namespace"));
        var config = Find(objects, "ConfigMap", "gpu-kube-scheduler").Text("data", "kube-scheduler.yaml")!;
        Assert.Contains("http://gpu-scheduler.gpus.svc:8888/scheduler", config, StringComparison.Ordinal);
        Assert.Contains("resourceNamespace: gpus", config, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("v1.36.2", "v1.36.2", "kube-scheduler.yaml")]
    [InlineData("v1.33.4-eks-1a2b3c", "v1.33.4", "kube-scheduler.yaml")]
    [InlineData("v1.22.17", "v1.22.17", "kube-scheduler-v1beta1.yaml")]
    public void Render_ClusterVersion_PicksTheSchedulersImageAndConfiguration(string version, string tag, string file)
    {
        var container = Find(Chart.Render(kubeVersion: version), "Deployment", "gpu-kube-scheduler").At("spec", "template", "spec", "containers", "0")!;

        Assert.Equal($"registry.k8s.io/kube-scheduler:{tag}", container.Text("image"));
        Assert.Equal($"--config=/etc/kube-scheduler/{file}", container.Texts("args")[0]);
    }

    [SkippableFact]
    public void Render_EverythingOn_AddsMonitorsPoliciesAndWhatWasAsked()
    {
        var objects = Chart.Render(
        [
            "serviceMonitor.enabled=true", "networkPolicy.enabled=true", """networkPolicy.from=[{"ipBlock":{"cidr":"10.0.0.0/8"}}]""",
            """volumes=[{"name":"tls","secret":{"secretName":"gpu-scheduler-tls"}}]""", """volumeMounts=[{"name":"tls","mountPath":"/tls"}]""",
            """tolerations=[{"operator":"Exists"}]""", """imagePullSecrets=["registry"]""", """env=[{"name":"A","value":"b"}]""",
        ]);

        Assert.Equal("/metrics", Find(objects, "ServiceMonitor", "gpu-scheduler").Text("spec", "endpoints", "0", "path"));
        Assert.Equal(["10.0.0.0/8"], Find(objects, "NetworkPolicy", "gpu-scheduler").List("spec", "ingress", "0", "from").Select(peer => peer.Text("ipBlock", "cidr")).OfType<string>());
        var pod = Find(objects, "Deployment", "gpu-scheduler").At("spec", "template", "spec")!;
        Assert.Equal("gpu-scheduler-tls", pod.Text("volumes", "1", "secret", "secretName"));
        Assert.Equal("/tls", pod.Text("containers", "0", "volumeMounts", "1", "mountPath"));
        Assert.Equal("Exists", pod.Text("tolerations", "0", "operator"));
        Assert.Equal("registry", pod.Text("imagePullSecrets", "0", "name"));
        Assert.Equal("b", pod.Text("containers", "0", "env", "1", "value"));
    }

    [SkippableFact]
    public void Render_PrometheusRule_HoldsTheAlertRulesAsTheyAre()
    {
        var rule = Find(Chart.Render(["prometheusRule.enabled=true", """prometheusRule.labels={"release":"prometheus"}"""]), "PrometheusRule", "gpu-scheduler");

        var rules = Assert.Single(Manifests.Read(Repository.Path("deploy", "monitoring", "alert-rules.yml")));
        Assert.Equal(YamlJson.Convert(rules)!.ToJsonString(), YamlJson.Convert(rule.At("spec")!)!.ToJsonString());
        Assert.Equal("prometheus", rule.Text("metadata", "labels", "release"));
        Assert.Equal("monitoring.coreos.com/v1", rule.Text("apiVersion"));
    }

    [SkippableFact]
    public void Render_OtherOptions_AreReadByTheServiceAndStartOtherPods()
    {
        var before = Chart.Render();
        var after = Chart.Render(["config.scoring={\"strategy\":\"Fgd\"}"]);

        var reading = new OptionsReading();
        reading.ReadYaml("config.yaml", Find(after, "ConfigMap", "gpu-scheduler").Text("data", "gpu-scheduler.yaml")!);
        Assert.Empty(reading.Problems);
        Assert.Equal("Fgd", reading.Options.Scoring.Strategy);
        Assert.NotEqual(Checksum(before), Checksum(after));
    }

    [Fact]
    public void Schema_Values_KnowsEachOfThemAndNoOther()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Chart.Folder, "values.schema.json")))!.AsObject();

        AssertSame(schema, Chart.Values, "");
    }

    private static void AssertSame(JsonObject schema, YamlMappingNode values, string path)
    {
        if (schema["properties"] is not JsonObject properties) return;
        Assert.False((bool)schema["additionalProperties"]!, path);
        var known = properties.Select(property => property.Key).Where(key => key is not ("global" or "claims"));
        Assert.Equal(known.Order(StringComparer.Ordinal), values.Children.Keys.Select(key => ((YamlScalarNode)key).Value!).Order(StringComparer.Ordinal));
        foreach (var (key, value) in values.Children)
        {
            if (value is YamlMappingNode map) AssertSame(properties[((YamlScalarNode)key).Value!]!.AsObject(), map, $"{path}.{key}");
        }
    }

    private static string? Checksum(IReadOnlyList<YamlMappingNode> objects) =>
        Find(objects, "Deployment", "gpu-scheduler").Text("spec", "template", "metadata", "annotations", "checksum/config");

    private static YamlMappingNode Find(IReadOnlyList<YamlMappingNode> objects, string kind, string name) =>
        Assert.Single(objects, o => o.Text("kind") == kind && o.Text("metadata", "name") == name);

    private static string Key(YamlMappingNode o) => $"{o.Text("kind")} {o.Text("metadata", "namespace")}/{o.Text("metadata", "name")}";

    /// <summary>What an object means, without what only a chart has.</summary>
    private static string Comparable(YamlMappingNode o)
    {
        var json = YamlJson.Convert(o)!.AsObject();
        if (json["kind"]!.ToString() == "Deployment")
        {
            var template = json["spec"]!["template"]!.AsObject();
            template["metadata"]!.AsObject().Remove("annotations");
            SortByName(template["spec"]!.AsObject(), "volumes");
            foreach (var container in template["spec"]!["containers"]!.AsArray())
            {
                container!.AsObject().Remove("imagePullPolicy");
                SortByName(container.AsObject(), "volumeMounts");
            }
        }

        if (json["data"] is JsonObject data)
        {
            foreach (var file in data.Select(pair => pair.Key).ToArray())
            {
                var stream = new YamlStream();
                stream.Load(new StringReader(data[file]!.ToString()));
                data[file] = YamlJson.Convert(Assert.Single(stream.Documents).RootNode);
            }
        }

        return json.ToJsonString();
    }

    /// <summary>A patch puts what it adds in front; the order means nothing.</summary>
    private static void SortByName(JsonObject parent, string list) =>
        parent[list] = new JsonArray([.. parent[list]!.AsArray().OrderBy(item => item!["name"]!.ToString(), StringComparer.Ordinal).Select(item => item!.DeepClone())]);
}
