using GpuScheduler.Server.Options;
using GpuScheduler.Server.Sources;

namespace GpuScheduler.Server.Tests.Sources;

public sealed class ClusterSourceKindsTests
{
    [Theory]
    [InlineData("embedded", "KUBERNETES_SERVICE_HOST=10.0.0.1", ClusterSourceKind.Embedded)]
    [InlineData("kubernetes", "", ClusterSourceKind.Kubernetes)]
    [InlineData("file:x.json", "KUBECONFIG=/there", ClusterSourceKind.File)]
    [InlineData("auto", "", ClusterSourceKind.Embedded)]
    [InlineData("auto", "KUBERNETES_SERVICE_HOST=10.0.0.1", ClusterSourceKind.Kubernetes)]
    [InlineData("auto", "KUBECONFIG=/gone:/there", ClusterSourceKind.Kubernetes)]
    [InlineData("auto", "KUBECONFIG=/gone", ClusterSourceKind.Embedded)]
    [InlineData("auto", "HOME=/home/with", ClusterSourceKind.Kubernetes)]
    [InlineData("auto", "HOME=/home/without", ClusterSourceKind.Embedded)]
    public void Resolve_Source_LooksAroundOnlyForAuto(string source, string variable, ClusterSourceKind expected)
    {
        var options = new GpuSchedulerOptions();
        options.Cluster.Source = source;
        string[] files = ["/there", "/home/with/.kube/config"];
        Assert.Equal(expected, ClusterSourceKinds.Resolve(options, name => variable.StartsWith(name + "=", StringComparison.Ordinal) ? variable[(name.Length + 1)..] : null, files.Contains));
    }

    [Fact]
    public void Resolve_AutoWithKubeconfigOption_IsKubernetes()
    {
        var options = new GpuSchedulerOptions();
        options.Kubernetes.Kubeconfig = "/gone";
        Assert.Equal(ClusterSourceKind.Kubernetes, ClusterSourceKinds.Resolve(options, _ => null, _ => false));
    }
}
