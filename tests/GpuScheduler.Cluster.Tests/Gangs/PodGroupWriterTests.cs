using System.Buffers;
using System.Text.Json;
using GpuScheduler.Cluster.Gangs;
using GpuScheduler.Core.Gangs;

namespace GpuScheduler.Cluster.Tests.Gangs;

public sealed class PodGroupWriterTests
{
    public static TheoryData<string, int, int, string?> Groups()
    {
        var groups = new TheoryData<string, int, int, string?>();
        foreach (var kind in new[] { PodGroup.Coscheduling, PodGroup.Volcano, PodGroup.Native })
        {
            groups.Add(kind, 0, 0, null);
            groups.Add(kind, 2, 0, null);
            groups.Add(kind, 0, 3, null);
            groups.Add(kind, 0, 0, "example.com/räck");
        }

        return groups;
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void Write_GroupOfAnyApi_IsReadBackEqual(string kind, int requiredTier, int preferredTier, string? required)
    {
        var group = new PodGroup(kind, "ml", "train", 4, new TopologyWish(required, null) { RequiredTier = requiredTier, PreferredTier = preferredTier });
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json)) PodGroupWriter.Write(writer, group);

        using var document = JsonDocument.Parse(json.WrittenMemory);
        Assert.Equal(kind, PodGroupKinds.Of(document.RootElement.GetProperty("apiVersion").GetString()!));
        var reader = new Utf8JsonReader(json.WrittenSpan);
        reader.Read();
        Assert.Equal(group, PodGroupKinds.Read(ref reader, kind));
    }

    [Theory]
    [InlineData("gang", 4)]
    [InlineData(PodGroup.Volcano, 0)]
    public void Of_GangThatNoObjectTellsOf_IsNull(string kind, int size) =>
        Assert.Null(PodGroupWriter.Of(new Gang { Key = new GangKey(kind, "ml", "train"), MinSize = size }));
}
