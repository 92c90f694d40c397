using GpuScheduler.Cluster.Access;
using GpuScheduler.Cluster.Health;
using GpuScheduler.Cluster.Leadership;
using GpuScheduler.Extender;
using GpuScheduler.Server.Options;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Tests.Deploy;

/// <summary>What is shipped in <c>deploy/</c> fits together, and fits the code.</summary>
public sealed class DeployTests
{
    private const string Namespace = "gpu-scheduler";

    private static readonly string[] ClusterScoped = ["Namespace", "ClusterRole", "ClusterRoleBinding"];

    public static TheoryData<string, string> Deployments => new() { { "gpu-scheduler", "gpu-scheduler" }, { "gpu-kube-scheduler", "kube-scheduler" } };

    [Fact]
    public void Kustomizations_Everything_ListEveryManifestThatExists()
    {
        var files = Directory.EnumerateFiles(Manifests.Folder, "*.yaml", SearchOption.AllDirectories)
            .Where(f => Path.GetFileName(f) != "kustomization.yaml");

        Assert.Equal(files.Sum(f => Manifests.Read(f).Count), Manifests.Objects.Count);
        Assert.Equal(Manifests.Objects.Count, Manifests.Objects.Select(o => (o.Text("kind"), o.Text("metadata", "namespace"), o.Text("metadata", "name"))).Distinct().Count());
    }

    [Fact]
    public void Objects_All_AreNamedLabelledAndInOurNamespace()
    {
        foreach (var o in Manifests.Objects)
        {
            var what = $"{o.Text("kind")} {o.Text("metadata", "name")}";
            Assert.False(string.IsNullOrEmpty(o.Text("apiVersion")), what);
            Assert.Equal("gpu-scheduler", o.Text("metadata", "labels", "app.kubernetes.io/part-of"));
            var expected = ClusterScoped.Contains(o.Text("kind"), StringComparer.Ordinal) ? null
                : o.Text("metadata", "name") == "gpu-kube-scheduler-authentication-reader" ? "kube-system" : Namespace;
            Assert.True(expected == o.Text("metadata", "namespace"), what);
        }

        Assert.Equal(Namespace, Manifests.Objects.Single(o => o.Text("kind") == "Namespace").Text("metadata", "name"));
    }

    [Fact]
    public void Rbac_OurRoles_GrantExactlyWhatTheCodeCalls()
    {
        var account = (Kind: "ServiceAccount", Name: "gpu-scheduler", Namespace);
        var granted = new List<ApiPermission>();
        foreach (var binding in Manifests.Objects.Where(o => o.Text("kind") is "ClusterRoleBinding" or "RoleBinding"))
        {
            var subject = Assert.Single(binding.List("subjects"));
            if ((subject.Text("kind"), subject.Text("name"), subject.Text("namespace")) != (account.Kind, account.Name, account.Namespace)) continue;
            var role = Manifests.Find(binding.Text("roleRef", "kind")!, binding.Text("roleRef", "name")!);
            granted.AddRange(Permissions(role, isOwn: binding.Text("kind") == "RoleBinding"));
        }

        Assert.Equal(Ordered(ApiAccess.Required), Ordered(granted));
    }

    [Fact]
    public void Rbac_GpushareHealth_GrantsExactlyWhatTheFollowerCallsWhereItLooks()
    {
        var folder = Repository.Path("deploy", "components", "gpushare-health");
        var kustomization = Assert.Single(Manifests.Read(Path.Combine(folder, "kustomization.yaml")));
        var objects = Manifests.Read(Path.Combine(folder, Assert.Single(kustomization.Texts("resources"))));
        var role = Assert.Single(objects, o => o.Text("kind") == "Role");
        var binding = Assert.Single(objects, o => o.Text("kind") == "RoleBinding");

        Assert.Equal("Component", kustomization.Text("kind"));
        Assert.Equal(Ordered(ApiAccess.GpushareHealth), Ordered(Permissions(role, isOwn: false)));
        Assert.All(objects, o => Assert.Equal(GpushareHealthFollower.Namespace, o.Text("metadata", "namespace")));
        Assert.Equal(role.Text("metadata", "name"), binding.Text("roleRef", "name"));
        Assert.Equal(("gpu-scheduler", Namespace), (binding.Text("subjects", "0", "name"), binding.Text("subjects", "0", "namespace")));
    }

    [Fact]
    public void Rbac_TokenReview_IsTheApiServersOwnRoleAndOpensWhatIsGuarded()
    {
        var objects = Manifests.Read(Repository.Path("deploy", "components", "token-review", "rbac.yaml"));
        var binding = Assert.Single(objects, o => o.Text("kind") == "ClusterRoleBinding");
        var rule = Assert.Single(Assert.Single(objects, o => o.Text("kind") == "ClusterRole").List("rules"));

        // kube-apiserver makes it (plugin/pkg/auth/authorizer/rbac/bootstrappolicy): create tokenreviews and subjectaccessreviews.
        Assert.Equal("system:auth-delegator", binding.Text("roleRef", "name"));
        Assert.Equal([new("authentication.k8s.io", "tokenreviews", "create"), new("authorization.k8s.io", "subjectaccessreviews", "create")], ApiAccess.TokenReview);
        Assert.Equal(("gpu-scheduler", Namespace), (binding.Text("subjects", "0", "name"), binding.Text("subjects", "0", "namespace")));
        Assert.Equal(["get"], rule.Texts("verbs"));
        Assert.Contains("/metrics", rule.Texts("nonResourceURLs"));
    }

    [SkippableFact]
    public void Tls_Component_ChangesTheSchedulersConfigurationInNothingElse()
    {
        var file = Repository.Path("deploy", "components", "tls", "kube-scheduler-config.yaml");
        var shipped = File.ReadAllText(Repository.Path("deploy", "base", "kube-scheduler", "config.yaml"));
        var expected = shipped[shipped.IndexOf("\ndata:\n", StringComparison.Ordinal)..]
            .Replace("urlPrefix: http:", "urlPrefix: https:", StringComparison.Ordinal)
            .Replace(
                "enableHTTPS: false",
                """
                enableHTTPS: true
                        tlsConfig:
                          caFile: /etc/gpu-scheduler-tls/ca.crt
                          certFile: /etc/gpu-scheduler-tls/client.crt
                          keyFile: /etc/gpu-scheduler-tls/client.key
                """,
                StringComparison.Ordinal);
        var actual = File.ReadAllText(file);
        var data = actual.IndexOf("\ndata:\n", StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("GPU_SCHEDULER_UPDATE") is not null) File.WriteAllText(file, actual = actual[..data] + expected);

        Assert.Equal(expected, actual[data..]);
        var extender = KubeSchedulerConfigOf(Kustomize.Build("base", "tls").Single(o => o.Text("metadata", "name") == "gpu-kube-scheduler" && o.Text("kind") == "ConfigMap"), "kube-scheduler.yaml").At("extenders", "0")!;
        Assert.Equal(("true", "/etc/gpu-scheduler-tls/ca.crt"), (extender.Text("enableHTTPS"), extender.Text("tlsConfig", "caFile")));
    }

    [Fact]
    public void Rbac_AnyRoleOfOurs_HasNoWildcard()
    {
        foreach (var role in Manifests.Objects.Where(o => o.Text("kind") is "ClusterRole" or "Role"))
        {
            Assert.DoesNotContain("*", role.List("rules").SelectMany(r => r.Texts("verbs").Concat(r.Texts("resources")).Concat(r.Texts("apiGroups"))));
        }
    }

    [Fact]
    public void Rbac_KubeScheduler_HasTheClustersRolesAndItsOwnLease()
    {
        var roles = Manifests.Objects
            .Where(o => o.Text("kind") is "ClusterRoleBinding" or "RoleBinding" && o.Text("subjects", "0", "name") == "gpu-kube-scheduler")
            .Select(o => o.Text("roleRef", "name"))
            .Order(StringComparer.Ordinal);
        Assert.Equal(
            ["extension-apiserver-authentication-reader", "gpu-kube-scheduler-leader-election", "system:kube-scheduler", "system:volume-scheduler"], roles);

        var config = KubeSchedulerConfig("kube-scheduler.yaml");
        Assert.Equal("true", config.Text("leaderElection", "leaderElect"));
        Assert.Equal(Namespace, config.Text("leaderElection", "resourceNamespace"));
        var lease = config.Text("leaderElection", "resourceName")!;
        Assert.Contains(new ApiPermission("coordination.k8s.io", "leases", "update", true, lease), Permissions(Manifests.Find("Role", "gpu-kube-scheduler-leader-election"), isOwn: true));
        Assert.NotEqual(LeaderElectionOptions.DefaultLeaseName, lease);
    }

    [Fact]
    public void Config_ShippedOptions_AreValidAndMeanAReplicaOfAService()
    {
        var options = ShippedOptions();

        Assert.Equal("kubernetes", options.Cluster.Source);
        Assert.True(options.LeaderElection.Enabled);
        Assert.Equal(LeaderElectionOptions.DefaultLeaseName, options.LeaderElection.LeaseName);
        Assert.Equal(Port(new GpuSchedulerOptions()), Port(options));
        Assert.Contains("0.0.0.0", Assert.Single(options.Server.Urls), StringComparison.Ordinal);
    }

    [Fact]
    public void Ports_Everywhere_AreTheOneTheServiceListensOn()
    {
        var port = Port(ShippedOptions());
        var pod = Manifests.Find("Deployment", "gpu-scheduler").At("spec", "template", "spec", "containers", "0")!;
        var service = Manifests.Find("Service", "gpu-scheduler").At("spec", "ports", "0")!;

        Assert.Equal(port, int.Parse(pod.Text("ports", "0", "containerPort")!));
        Assert.Equal(port, int.Parse(service.Text("port")!));
        Assert.Equal(pod.Text("ports", "0", "name"), service.Text("targetPort"));
        foreach (var file in new[] { "kube-scheduler.yaml", "kube-scheduler-v1beta1.yaml" })
        {
            Assert.Equal(
                $"http://gpu-scheduler.{Namespace}.svc:{port}{ExtenderEndpoints.DefaultPrefix}",
                KubeSchedulerConfig(file).Text("extenders", "0", "urlPrefix"));
        }
    }

    [Theory]
    [InlineData("livenessProbe", "/livez")]
    [InlineData("readinessProbe", "/readyz")]
    public void Probes_OurPod_AskThePathsTheServerServes(string probe, string path)
    {
        var pod = Manifests.Find("Deployment", "gpu-scheduler").At("spec", "template", "spec", "containers", "0")!;

        Assert.Equal(path, pod.Text(probe, "httpGet", "path"));
        Assert.Equal(pod.Text("ports", "0", "name"), pod.Text(probe, "httpGet", "port"));
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Selectors_Deployment_MatchItsPodsAndItsBudget(string name, string container)
    {
        var deployment = Manifests.Find("Deployment", name);
        var labels = deployment.Map("spec", "template", "metadata", "labels");
        var selector = deployment.Map("spec", "selector", "matchLabels");

        Assert.Equal(container, deployment.Text("spec", "template", "spec", "containers", "0", "name"));
        Assert.Equal(name, Assert.Single(selector).Value);
        Assert.All(selector, s => Assert.Equal(s.Value, labels[s.Key]));
        Assert.Equal(selector, Manifests.Find("PodDisruptionBudget", name).Map("spec", "selector", "matchLabels"));
        Assert.All(
            deployment.List("spec", "template", "spec", "topologySpreadConstraints"),
            c => Assert.Equal(selector, c.Map("labelSelector", "matchLabels")));
        Assert.NotEmpty(deployment.List("spec", "template", "spec", "topologySpreadConstraints"));
        Assert.Equal("2", deployment.Text("spec", "replicas"));
    }

    [Fact]
    public void Selectors_Service_MatchesOurPodsOnly()
    {
        var selector = Manifests.Find("Service", "gpu-scheduler").Map("spec", "selector");

        Assert.Equal(Manifests.Find("Deployment", "gpu-scheduler").Map("spec", "selector", "matchLabels"), selector);
        Assert.NotEqual(Manifests.Find("Deployment", "gpu-kube-scheduler").Map("spec", "selector", "matchLabels"), selector);
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Pods_Deployment_RunWithTheLeastRightsOnTheirNode(string name, string container)
    {
        var pod = Manifests.Find("Deployment", name).At("spec", "template", "spec")!;
        var main = Assert.Single(pod.List("containers"), c => c.Text("name") == container);

        Assert.Equal("true", pod.Text("securityContext", "runAsNonRoot"));
        Assert.NotEqual("0", pod.Text("securityContext", "runAsUser"));
        Assert.Equal("RuntimeDefault", pod.Text("securityContext", "seccompProfile", "type"));
        Assert.Equal("system-cluster-critical", pod.Text("priorityClassName"));
        Assert.Equal("true", main.Text("securityContext", "readOnlyRootFilesystem"));
        Assert.Equal("false", main.Text("securityContext", "allowPrivilegeEscalation"));
        Assert.Equal(["ALL"], main.Texts("securityContext", "capabilities", "drop"));
        Assert.NotNull(main.Text("resources", "requests", "cpu"));
        Assert.NotNull(main.Text("resources", "requests", "memory"));
        Assert.Equal(name, Manifests.Find("ServiceAccount", pod.Text("serviceAccountName")!).Text("metadata", "name"));
    }

    [Theory]
    [MemberData(nameof(Deployments))]
    public void Volumes_Deployment_ShowTheFileThatTheArgumentsName(string name, string container)
    {
        var pod = Manifests.Find("Deployment", name).At("spec", "template", "spec")!;
        var main = Assert.Single(pod.List("containers"), c => c.Text("name") == container);
        var file = main.Texts("args").Select(a => a.Split('=')[^1]).Single(a => a.EndsWith(".yaml", StringComparison.Ordinal));
        var mount = Assert.Single(main.List("volumeMounts"), m => m.Text("mountPath") == Path.GetDirectoryName(file));
        var volume = Assert.Single(pod.List("volumes"), v => v.Text("name") == mount.Text("name"));

        Assert.NotNull(Manifests.Find("ConfigMap", volume.Text("configMap", "name")!).Text("data", Path.GetFileName(file)));
    }

    [Fact]
    public void Shutdown_GracePeriod_IsLongerThanCallsInFlightAndTheRelease()
    {
        var grace = Manifests.Find("Deployment", "gpu-scheduler").Text("spec", "template", "spec", "terminationGracePeriodSeconds")!;
        var options = new GpuSchedulerOptions();

        Assert.True(TimeSpan.FromSeconds(int.Parse(grace)) > options.Server.ShutdownTimeout + options.LeaderElection.LeaseDuration);
    }

    [Fact]
    public void Deployment_OnlyTheLeaderIsReady_NeitherUpdateNorDrainWaitsForAFollower()
    {
        var update = Manifests.Find("Deployment", "gpu-scheduler").At("spec", "strategy", "rollingUpdate")!;

        Assert.Equal("100%", update.Text("maxUnavailable"));
        Assert.Equal("0", Manifests.Find("PodDisruptionBudget", "gpu-scheduler").Text("spec", "minAvailable"));
    }

    [Theory]
    [InlineData("kube-scheduler.yaml")]
    [InlineData("kube-scheduler-v1beta1.yaml")]
    public void KubeSchedulerConfig_Shipped_IsTheOneInSchedulerConfigButForAddressLeaseAndAccount(string file)
    {
        var expected = File.ReadAllText(Repository.Path("scheduler-config", file))
            .Replace("http://127.0.0.1:8888/", "http://gpu-scheduler.gpu-scheduler.svc:8888/", StringComparison.Ordinal)
            .Replace("kubeconfig: /etc/kubernetes/scheduler.conf\n", "kubeconfig: \"\"\n", StringComparison.Ordinal)
            .Replace(
                "  leaderElect: false\n",
                "  leaderElect: true\n  resourceNamespace: gpu-scheduler\n  resourceName: gpu-kube-scheduler\n",
                StringComparison.Ordinal);

        Assert.Equal(WithoutComments(expected), WithoutComments(Manifests.Find("ConfigMap", "gpu-kube-scheduler").Text("data", file)!));
    }

    [Fact]
    public void Overlay120_Patches_MeetWhatTheyReplace()
    {
        var overlay = Assert.Single(Manifests.Read(Path.Combine(Repository.Path("deploy"), "overlays/kubernetes-1.20/kustomization.yaml")));
        var args = Manifests.Find("Deployment", "gpu-kube-scheduler").At("spec", "template", "spec", "containers", "0")!;

        Assert.Equal(["../../base"], overlay.Texts("resources"));
        Assert.StartsWith(overlay.Text("images", "0", "name") + ":", args.Text("image"), StringComparison.Ordinal);
        Assert.StartsWith("--config=", args.Texts("args")[0], StringComparison.Ordinal);
        Assert.Contains("/args/0", overlay.Text("patches", "1", "patch"), StringComparison.Ordinal);
        Assert.Contains("kube-scheduler-v1beta1.yaml", overlay.Text("patches", "1", "patch"), StringComparison.Ordinal);
        Assert.All(Manifests.Objects.Where(o => o.Text("kind") == "PodDisruptionBudget"), o => Assert.Equal("policy/v1", o.Text("apiVersion")));
    }

    private static IEnumerable<ApiPermission> Permissions(YamlMappingNode role, bool isOwn) =>
        from rule in role.List("rules")
        from @group in rule.Texts("apiGroups")
        from resource in rule.Texts("resources")
        from verb in rule.Texts("verbs")
        from name in rule.Texts("resourceNames").Cast<string?>().DefaultIfEmpty(null)
        select new ApiPermission(@group, resource, verb, isOwn, name);

    private static IEnumerable<string> Ordered(IEnumerable<ApiPermission> permissions) => permissions.Select(p => p.ToString()).Order(StringComparer.Ordinal);

    private static GpuSchedulerOptions ShippedOptions()
    {
        var reading = new OptionsReading();
        reading.ReadYaml("config.yaml", Manifests.Find("ConfigMap", "gpu-scheduler").Text("data", "gpu-scheduler.yaml")!);
        reading.CheckTogether();
        Assert.Empty(reading.Problems);
        return reading.Options;
    }

    private static IEnumerable<string> WithoutComments(string yaml) =>
        yaml.Split('\n').Where(line => line.Trim().Length > 0 && !line.TrimStart().StartsWith('#'));

    private static int Port(GpuSchedulerOptions options) => new Uri(Assert.Single(options.Server.Urls)).Port;

    private static YamlMappingNode KubeSchedulerConfig(string file) => KubeSchedulerConfigOf(Manifests.Find("ConfigMap", "gpu-kube-scheduler"), file);

    private static YamlMappingNode KubeSchedulerConfigOf(YamlMappingNode configMap, string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(configMap.Text("data", file)!));
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }
}
