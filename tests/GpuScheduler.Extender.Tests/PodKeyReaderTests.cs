using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Tests;

public sealed class PodKeyReaderTests
{
    private const string Rich =
        """
        {"metadata":{"name":"p","namespace":"d","uid":"u-1","resourceVersion":"5","generation":1,"creationTimestamp":"2026-11-20T23:37:43Z",
         "labels":{"app":"train"},"annotations":{"note":"x","gpu-scheduler.io/gpu-model":"NVIDIA-H100*","gpu-scheduler.io/other":"1"},
         "ownerReferences":[{"kind":"Job","name":"j","controller":true}]},
         "spec":{"priority":3,"schedulerName":"gpu-scheduler","nodeSelector":{"a":"b"},"overhead":{"cpu":"100m"},
         "resources":{"requests":{"cpu":"9","memory":"9Gi"}},
         "initContainers":[{"name":"i","image":"x","restartPolicy":"Always","resources":{"requests":{"cpu":"3"}}},{"name":"j","resources":{"requests":{"nvidia.com/gpu":"2"},"limits":{"nvidia.com/gpu":"2"}}}],
         "containers":[{"name":"main","image":"y","env":[{"name":"A","value":"B"}],"resources":{"limits":{"nvidia.com/gpu":"1"},"requests":{"cpu":"1","memory":"1Gi"}}}],
         "tolerations":[{"key":"k","operator":"Equal","value":"v","effect":"NoSchedule"}],"volumes":[{"name":"kube-api-access-x7"}]},
         "status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","lastTransitionTime":"2026-11-20T23:37:43Z"}]}}
        """;

    private static readonly PodReader Reader = new(GpuResourceCatalog.Default);

    [Fact]
    public void TryRead_AnyFieldChanged_KeyChangesWhereTheShapeDoes()
    {
        var original = Read(Rich);
        Assert.True(original.IsWhole);
        var shapes = 0;
        foreach (var path in Leaves(JsonNode.Parse(Rich)!))
        {
            foreach (var replacement in new JsonNode?[] { "7", "Always", null })
            {
                var root = JsonNode.Parse(Rich)!;
                Replace(root, path, replacement?.DeepClone());
                var changed = Read(root.ToJsonString());
                if (changed.Shape is null || changed.Shape.Equals(original.Shape)) continue;
                shapes++;
                Assert.False(changed.IsWhole && changed.Key.SequenceEqual(Read(JsonNode.Parse(Rich)!.ToJsonString()).Key), path);
            }
        }

        Assert.InRange(shapes, 10, int.MaxValue);
    }

    [Fact]
    public void TryRead_PodsOfOneWorkload_HaveOneKey()
    {
        var other = Rich.Replace("\"p\"", "\"p-2\"").Replace("u-1", "u-2").Replace("kube-api-access-x7", "kube-api-access-z9").Replace("23:37:43", "23:59:59");
        Assert.Equal(Read(Rich).Key, Read(other).Key);
        Assert.Equal("u-2", Read(other).Uid);
    }

    [Theory]
    [InlineData("\"metadata\"", "\"met\\u0061data\"")]
    [InlineData("\"gpu-scheduler.io/gpu-model\"", "\"gpu-scheduler.io\\/gpu-model\"")]
    [InlineData("\"containers\"", "\"cont\\u0061iners\"")]
    [InlineData("\"status\":{", "\"status\":{\"containerStatuses\":[],")]
    public void TryRead_WhatItCannotBeSureOf_IsLeftToThePodReader(string plain, string odd)
    {
        Assert.False(Read(Rich.Replace(plain, odd)).IsWhole);
    }

    private static (bool IsWhole, byte[] Key, string Uid, PodShape? Shape) Read(string json)
    {
        var utf8 = Encoding.UTF8.GetBytes(json);
        var key = new PooledBuffer();
        var isWhole = PodKeyReader.TryRead(utf8, key, out var uid, out var length);
        Assert.Equal(utf8.AsSpan().TrimEnd((byte)'\n').Length, length);
        PodShape? shape = null;
        try
        {
            var reader = new Utf8JsonReader(utf8);
            reader.Read();
            shape = Reader.Read(ref reader).Shape;
        }
        catch (FormatException)
        {
            // No pod at all; such a request is turned down unless its key is known, and then it is answered for the shape that it would have.
        }

        return (isWhole, key.Written.ToArray(), Encoding.UTF8.GetString(uid.Of(utf8)), shape);
    }

    private static IEnumerable<string> Leaves(JsonNode node, string path = "") => node switch
    {
        JsonObject map => map.SelectMany(field => Leaves(field.Value!, $"{path}\n{field.Key}").Append($"{path}\n{field.Key}")),
        JsonArray array => array.SelectMany((item, i) => Leaves(item!, $"{path}\n{i}")),
        _ => [path],
    };

    private static void Replace(JsonNode root, string path, JsonNode? value)
    {
        var steps = path.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var node = root;
        foreach (var step in steps[..^1]) node = node is JsonArray array ? array[int.Parse(step)]! : node[step]!;
        if (node is JsonArray last) last[int.Parse(steps[^1])] = value;
        else node[steps[^1]] = value;
    }
}
