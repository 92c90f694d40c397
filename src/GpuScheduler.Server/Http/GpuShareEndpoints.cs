using System.Text;
using System.Text.Json.Serialization;
using GpuScheduler.Core.Sharing;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender;

namespace GpuScheduler.Server.Http;

/// <summary>
/// The paths of gpushare-scheduler-extender (<c>pkg/routes/routes.go</c>), so that a kube-scheduler configured for it need not be changed but
/// for the address: the verbs again, and what its devices hold. Its <c>/version</c> is under the prefix here; at the root is our own.
/// </summary>
internal sealed class GpuShareEndpoints(SnapshotStore store)
{
    /// <summary>In front of all of them.</summary>
    public const string Prefix = "/gpushare-scheduler";

    /// <summary>The version that the original has answered since 2018.</summary>
    private const string Version = "0.1.0";

    /// <summary>Adds them; the verbs are there already when ours have the same prefix.</summary>
    public void Map(IEndpointRouteBuilder routes, string extenderPath)
    {
        routes.MapGet(Prefix + "/inspect", context => Inspect(context, null));
        routes.MapGet(Prefix + "/inspect/{name}", context => Inspect(context, (string)context.Request.RouteValues["name"]!));
        routes.MapGet(Prefix + "/version", context => HttpAnswers.WriteText(context, StatusCodes.Status200OK, Version));
        if (extenderPath.TrimEnd('/') != Prefix) routes.MapExtender(Prefix);
    }

    private Task Inspect(HttpContext context, string? name)
    {
        var snapshot = store.Current;
        var nodes = new List<GpuShareNodeBody>();
        string? error = null;
        if (name is null)
        {
            foreach (var row in snapshot.Names.Rows)
            {
                if (row.Devices.Sharing == SharingDialect.GpuShare) nodes.Add(NodeOf(snapshot, row));
            }
        }
        else if (snapshot.Names.Find(Encoding.UTF8.GetBytes(name)) is not { } row)
        {
            error = $"node {name} is not known";
        }
        else if (row.Devices.Sharing != SharingDialect.GpuShare)
        {
            error = $"The node {name} is not for GPU share, need skip";
        }
        else
        {
            nodes.Add(NodeOf(snapshot, row));
        }

        return HttpAnswers.WriteJson(context, StatusCodes.Status200OK, new GpuShareBody(nodes, error), HttpAnswers.Json.GpuShareBody);
    }

    private static GpuShareNodeBody NodeOf(ClusterSnapshot snapshot, NodeRow row)
    {
        var page = snapshot.PageOf(row.Row);
        var at = row.Row & NodePage.RowMask;
        var pods = page.Pods(at).ToArray();
        var devices = new List<GpuShareDeviceBody>();
        for (var device = 0; device < page.DeviceFreeMilli(at).Length; device++)
        {
            var (index, room) = (device, page.Room(at, device));
            devices.Add(new GpuShareDeviceBody(device, room.TotalMemory, room.TotalMemory - room.Memory,
            [
                .. pods.Where(pod => pod.Devices.Contains(index))
                    .Select(pod => new GpuSharePodBody(pod.Pod.Name, pod.Pod.Namespace, room.MemoryOf(pod.Pod.Shape.Gpu))),
            ]));
        }

        return new GpuShareNodeBody(row.Name, devices.Sum(device => device.TotalGPU), devices.Sum(device => device.UsedGPU), devices);
    }
}

/// <summary>Answer of <c>/gpushare-scheduler/inspect</c> (<c>pkg/scheduler/gpushare-inspect.go</c>); amounts are in the plugin's units.</summary>
/// <param name="Nodes">The nodes of that plugin.</param>
/// <param name="Error">What was wrong; absent otherwise.</param>
internal sealed record GpuShareBody(
    IReadOnlyList<GpuShareNodeBody> Nodes, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Error);

/// <summary>A node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TotalGPU">Units of all its devices.</param>
/// <param name="UsedGPU">Units in use.</param>
/// <param name="Devs">Its devices.</param>
internal sealed record GpuShareNodeBody(
    string Name, [property: JsonPropertyName("totalGPU")] int TotalGPU, [property: JsonPropertyName("usedGPU")] int UsedGPU, IReadOnlyList<GpuShareDeviceBody> Devs);

/// <summary>A device.</summary>
/// <param name="Id">Its index.</param>
/// <param name="TotalGPU">Its units.</param>
/// <param name="UsedGPU">Units in use.</param>
/// <param name="Pods">Who uses them.</param>
internal sealed record GpuShareDeviceBody(
    int Id, [property: JsonPropertyName("totalGPU")] int TotalGPU, [property: JsonPropertyName("usedGPU")] int UsedGPU, IReadOnlyList<GpuSharePodBody> Pods);

/// <summary>A pod on a device.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="UsedGPU">Its units.</param>
internal sealed record GpuSharePodBody(string Name, string Namespace, [property: JsonPropertyName("usedGPU")] int UsedGPU);
