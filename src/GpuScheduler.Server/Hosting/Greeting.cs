using System.Text;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Dashboard;

namespace GpuScheduler.Server.Hosting;

/// <summary>What the console says once the service answers: where it is, on what cluster, and calls to try.</summary>
internal static class Greeting
{
    private const int NodesInExample = 4;

    /// <summary>More than any node has.</summary>
    private const int TooMany = 99;

    /// <summary>The text. The line that begins with <c>Listening on</c> names the addresses that were really taken.</summary>
    /// <param name="description">The cluster.</param>
    /// <param name="urls">The addresses; that of the verbs first.</param>
    /// <param name="apiUrl">The one of them that has dashboard and read API.</param>
    /// <param name="path">Path in front of the verbs.</param>
    /// <param name="snapshot">What is there.</param>
    /// <param name="needsToken">Whether reading needs a token.</param>
    public static string Compose(string description, IReadOnlyList<string> urls, string apiUrl, string path, ClusterSnapshot snapshot, bool needsToken)
    {
        var curl = needsToken ? "curl -s -H \"Authorization: Bearer $TOKEN\"" : "curl -s";
        var text = new StringBuilder();
        text.Append($"gpu-scheduler {Http.BuildInfo.Current.Version}: a kube-scheduler extender that places pods on GPUs\n");
        text.Append($"Cluster: {description}, {snapshot.NodeCount} nodes{Gpus(snapshot)}\n");
        text.Append($"Listening on {string.Join(' ', urls)}\n");
        var (resource, nodes) = Example(snapshot);
        var (url, api) = (Reachable(urls[0]), Reachable(apiUrl));
        text.Append($"Dashboard: {api}/\n");
        text.Append("\nTry it in another terminal:\n\n");
        if (nodes.Count > 0)
        {
            var pod = $$$$"""{"metadata":{"namespace":"default","name":"demo","uid":"demo-1"},"spec":{"containers":[{"name":"main","resources":{"limits":{"{{{{resource}}}}":"1"}}}]}}""";
            var args = $$$"""{"Pod":{{{pod}}},"NodeNames":[{{{string.Join(',', nodes.Select(name => $"\"{name}\""))}}}]}""";
            Line("which nodes can take a pod with one GPU?", "filter", args);
            Line("how good is each, 0 to 10?", "prioritize", args);
            Line("put the pod on one", "bind", $$$"""{"PodNamespace":"default","PodName":"demo","PodUID":"demo-1","Node":"{{{nodes[0]}}}"}""");
            text.Append($"# see it there\n{curl} {api}/api/v1/nodes/{nodes[0]}\n\n");
        }

        text.Append("# why would a pod wait, and what would help? (gpu-scheduler explain pod.yaml tells it in words)\n");
        text.Append($"{curl} {api}/api/v1/explain -d '{{spec: {{containers: [{{name: main, resources: {{limits: {{{resource}: {TooMany}}}}}}}]}}}}'\n\n");
        text.Append("Ctrl+C stops it.\n");
        return text.ToString();

        void Line(string comment, string verb, string body) =>
            text.Append($"# {comment}\ncurl -s -H 'Content-Type: application/json' {url}{path}/{verb} -d '{body}'\n\n");
    }

    /// <summary>An address to listen on as one to call.</summary>
    public static string Reachable(string url) =>
        url.Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal).Replace("//[::]", "//[::1]", StringComparison.Ordinal);

    private static string Gpus(ClusterSnapshot snapshot) => ClusterTotals.Of(snapshot).Gpus is > 0 and var devices ? $", {devices} whole GPUs" : "";

    /// <summary>A GPU resource, nodes of different models that have it free, and one that does not offer it, so that filter has something to reject.</summary>
    private static (string Resource, List<string> Nodes) Example(ClusterSnapshot snapshot)
    {
        var slot = snapshot.Tables.Resources.SlotOf(GpuResourceCatalog.NvidiaGpu);
        var resource = slot >= 0 ? GpuResourceCatalog.NvidiaGpu : ResourceNames.Cpu;
        if (slot < 0) slot = ResourceTable.Cpu;
        var nodes = new List<string>();
        var models = new HashSet<int>();
        string? without = null;
        foreach (var row in snapshot.Names.Rows)
        {
            var page = snapshot.PageOf(row.Row);
            var at = row.Row & NodePage.RowMask;
            if (row.Node.Taints.Any(taint => taint.KeepsPodsAway)) continue;
            if (page.Allocatable(slot)[at] == 0) without ??= row.Name;
            else if (page.Free(slot)[at] > 0 && nodes.Count < NodesInExample - 1 && models.Add(page.ModelId[at])) nodes.Add(row.Name);
        }

        if (without is not null && nodes.Count > 0) nodes.Add(without);
        return (resource, nodes);
    }
}
