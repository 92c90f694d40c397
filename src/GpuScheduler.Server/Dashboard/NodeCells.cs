using System.Text.Json;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Dashboard;

/// <summary>
/// Writes nodes as the heat map draws them, short because there may be 65,000: <c>r</c> row, <c>n</c> name, <c>m</c> GPU model, <c>p</c> pool,
/// <c>t</c> domains by level, <c>f</c> free thousandths by device, <c>k</c> pods; only where there is something to say: <c>u</c> cordoned,
/// <c>c</c> closed to pods with GPUs for another reason, <c>h</c> mask of unhealthy devices, <c>x</c> mask of devices that hold pods of the namespace asked for, <c>g</c> memory slices of each GPU in MIG
/// mode (1 where taken), <c>w</c> thousandths in use of a node whose GPUs are counted by resource alone.
/// </summary>
/// <param name="json">Where to.</param>
/// <param name="snapshot">What from.</param>
/// <param name="catalog">Tells which resources are GPUs.</param>
/// <param name="ofNamespace">The namespace asked for; null for none.</param>
internal readonly struct NodeCells(Utf8JsonWriter json, ClusterSnapshot snapshot, GpuResourceCatalog catalog, string? ofNamespace)
{
    /// <summary>Writes all nodes.</summary>
    public void WriteAll()
    {
        foreach (var row in snapshot.Names.Rows) Write(row);
    }

    /// <summary>Writes the nodes that changed after a generation; the rows of those that went away.</summary>
    public List<int> WriteChanged(long afterGeneration)
    {
        var gone = new List<int>();
        foreach (var page in snapshot.Pages)
        {
            if (page.Generation <= afterGeneration) continue;
            for (var row = 0; row < NodePage.RowCount; row++)
            {
                if (page.RowGeneration(row) <= afterGeneration) continue;
                if (page.Node(row) is { } node && (page.Live[row >> 6] >> (row & 63) & 1) != 0) Write(node);
                else gone.Add(page.FirstRow + row);
            }
        }

        return gone;
    }

    private void Write(NodeRow row)
    {
        var page = snapshot.PageOf(row.Row);
        var at = row.Row & NodePage.RowMask;
        json.WriteStartObject();
        json.WriteNumber("r"u8, row.Row);
        json.WriteString("n"u8, row.NameUtf8);
        json.WriteString("m"u8, row.Node.Gpu.Model);
        if (NodeBodies.PoolOf(row.Node) is { } pool) json.WriteString("p"u8, pool);
        json.WriteStartArray("t"u8);
        foreach (var key in snapshot.Tables.Levels.Keys) json.WriteStringValue(row.Node.Labels.GetValueOrDefault(key, ""));
        json.WriteEndArray();
        json.WriteStartArray("f"u8);
        foreach (var milli in page.DeviceFreeMilli(at)) json.WriteNumberValue(milli);
        json.WriteEndArray();
        json.WriteNumber("k"u8, page.Pods(at).Length);
        if (row.Node.IsUnschedulable) json.WriteNumber("u"u8, 1);
        else if (!page.IsOpen(at)) json.WriteNumber("c"u8, 1);
        var unhealthy = 0u;
        foreach (var device in row.Devices.Devices) unhealthy |= device.IsHealthy ? 0 : 1u << device.Index;
        if (unhealthy != 0) json.WriteNumber("h"u8, unhealthy);
        if (ofNamespace is not null) json.WriteNumber("x"u8, MaskOf(page.Pods(at)));
        if (MigBodies.Of(row.Mig, page, at)?.Gpus is { Count: > 0 } gpus && gpus.All(gpu => gpu.Slices is not null))
        {
            json.WriteStartArray("g"u8);
            foreach (var gpu in gpus) json.WriteStringValue(gpu.Slices);
            json.WriteEndArray();
        }
        else if (page.GpuCount[at] == 0 && UsedMilli(page, at) is { } used)
        {
            json.WriteNumber("w"u8, used);
        }

        json.WriteEndObject();
    }

    /// <summary>Slices or replicas in use, each kind weighing the same; null on a node that offers none.</summary>
    private int? UsedMilli(NodePage page, int at)
    {
        var (kinds, used) = (0, 0.0);
        for (var slot = 0; slot < snapshot.Tables.Resources.Count; slot++)
        {
            var allocatable = page.Allocatable(slot)[at];
            if (allocatable == 0 || catalog.KindOf(snapshot.Tables.Resources.Names[slot]) == GpuResourceKind.None) continue;
            kinds++;
            used += 1 - ((double)page.Free(slot)[at] / allocatable);
        }

        return kinds == 0 ? null : (int)Math.Clamp(1000 * used / kinds, 0, 1000);
    }

    private uint MaskOf(ReadOnlySpan<PlacedPod> pods)
    {
        var mask = 0u;
        foreach (var placed in pods) mask |= placed.Pod.Namespace == ofNamespace ? placed.DeviceMask : 0;
        return mask;
    }
}
