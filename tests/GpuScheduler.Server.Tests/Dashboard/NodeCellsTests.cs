using System.Buffers;
using System.Text.Json;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Resources;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Server.Dashboard;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Dashboard;

public sealed class NodeCellsTests
{
    private readonly ClusterLedger _ledger = new();

    [Fact]
    public void WriteAll_NodesOfAllKinds_TellsTheirUse()
    {
        _ledger.UpsertNode(MakeNode.Named("whole").Cpu("8").Gpus(2).Model("NVIDIA-L40S").Build());
        _ledger.UpsertNode(MakeNode.Named("slices").Cpu("8").MigSlices("1g.5gb", 4).Unschedulable().Build());
        _ledger.UpsertNode(MakeNode.Named("none").Cpu("8").Build());
        _ledger.UpsertPod(MakePod.Named("p").Namespace("team").Request(GpuResourceCatalog.NvidiaGpu, "1").On("whole").Build());
        _ledger.UpsertPod(MakePod.Named("q").Namespace("other").Request("nvidia.com/mig-1g.5gb", "1").On("slices").Build());

        var nodes = Cells(snapshot => (json => new NodeCells(json, snapshot, GpuResourceCatalog.Default, "team").WriteAll()));

        var whole = nodes.Single(node => node.GetProperty("n").GetString() == "whole");
        Assert.Equal("NVIDIA-L40S", whole.GetProperty("m").GetString());
        Assert.Equal(1000, whole.GetProperty("f").EnumerateArray().Sum(free => free.GetInt32()));
        Assert.Equal(1, System.Numerics.BitOperations.PopCount(whole.GetProperty("x").GetUInt32()));
        var slices = nodes.Single(node => node.GetProperty("n").GetString() == "slices");
        Assert.Equal(250, slices.GetProperty("w").GetInt32());
        Assert.Equal(1, slices.GetProperty("u").GetInt32());
        Assert.Equal(0u, slices.GetProperty("x").GetUInt32());
        Assert.False(nodes.Single(node => node.GetProperty("n").GetString() == "none").TryGetProperty("w", out _));
    }

    [Fact]
    public void WriteChanged_OneNodeChangedAndOneWent_TellsJustThose()
    {
        for (var i = 0; i < 300; i++) _ledger.UpsertNode(MakeNode.Named($"n{i}").Cpu("8").Gpus(1).Build());
        var before = _ledger.Publish().Generation;
        _ledger.UpsertPod(MakePod.Named("p").Request(GpuResourceCatalog.NvidiaGpu, "1").On("n7").Build());
        _ledger.DeleteNode("n290");

        var gone = new List<int>();
        var nodes = Cells(snapshot => (json => gone = new NodeCells(json, snapshot, GpuResourceCatalog.Default, null).WriteChanged(before)));

        Assert.Equal("n7", Assert.Single(nodes).GetProperty("n").GetString());
        Assert.Equal(290, Assert.Single(gone));
    }

    private IReadOnlyList<JsonElement> Cells(Func<ClusterSnapshot, Action<Utf8JsonWriter>> writer)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            writer(_ledger.Publish())(json);
            json.WriteEndArray();
        }

        return [.. JsonDocument.Parse(buffer.WrittenMemory).RootElement.EnumerateArray()];
    }
}
