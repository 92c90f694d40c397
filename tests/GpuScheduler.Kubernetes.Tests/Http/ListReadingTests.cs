using System.Text;
using GpuScheduler.Testing;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class ListReadingTests
{
    private const string List = """
         { "kind":"PodList", "apiVersion" : "v1",
           "items" : [ {"metadata":{"name":"a","annotations":{"text":"\"}],{[ \\"}},"x":[[],{},[{}]]} ,
           {"metadata":{"name":"b\u00e9\ud83d\ude00"}},{"metadata":{"name":"c"}}
           ], "metadata":{"resourceVersion":"42","continue":"tok\"en","remainingItemCount":7,"x":{"resourceVersion":"1"}} }

        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(10_000)]
    public async Task List_InPiecesOfAnySize_ReadsTheSame(int size)
    {
        var (result, sink) = await ReadAsync(List, size);

        Assert.Equal(["a", "bé😀", "c"], sink.Items.Select(i => i.Meta.Name));
        Assert.Equal(new ListPage("42", "tok\"en", 3, 0), result.Value);
    }

    [Fact]
    public async Task List_CutAnywhere_NeverSucceeds()
    {
        var whole = List.TrimEnd();
        for (var length = 0; length < whole.Length; length++)
        {
            var (result, _) = await ReadAsync(whole[..length], 16);
            Assert.False(result.IsSuccess, $"cut after {length} characters");
        }
    }

    [Fact]
    public async Task List_OneByteWrong_NeverThrowsAndNeverLosesAnObjectSilently()
    {
        var bytes = Encoding.UTF8.GetBytes(List);
        for (var at = 0; at < bytes.Length; at++)
        {
            foreach (var wrong in "\"{}[]\\,: x\0"u8.ToArray())
            {
                var changed = (byte[])bytes.Clone();
                changed[at] = wrong;
                var (result, sink) = await ReadAsync(changed, 4096);
                if (result.IsSuccess)
                {
                    // a changed quote may merge two objects into one bad one, but something is always reported
                    Assert.True(sink.Items.Count == 3 || sink.BadObjects.Count > 0, $"byte {at} as {wrong}: {sink.Items.Count} objects");
                }
            }
        }
    }

    [Theory]
    [InlineData("""{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":null}""")]
    [InlineData("""{"kind":"PodList","items":[],"metadata":{"resourceVersion":"1"}}""")]
    public async Task List_Empty_IsEmpty(string json)
    {
        var (result, _) = await ReadAsync(json, 5);

        Assert.Equal(0, result.Value.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("<html>please log in</html>")]
    [InlineData("""{"kind":"Status","metadata":{"resourceVersion":"1"},"code":200}""")]
    [InlineData("""{"kind":"PodList","metadata":{},"items":[]}""")]
    [InlineData("""{"kind":"PodList","metadata":{"resourceVersion":"1"}}""")]
    [InlineData("""{"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[]}{}""")]
    public async Task List_SomethingElse_Fails(string text)
    {
        var (result, _) = await ReadAsync(text, 1024);

        Assert.False(result.IsSuccess);
    }

    private static Task<(ApiResult<ListPage> Result, ListCollector<ObjectMetaHolder> Sink)> ReadAsync(string text, int size) =>
        ReadAsync(Encoding.UTF8.GetBytes(text), size);

    private static async Task<(ApiResult<ListPage> Result, ListCollector<ObjectMetaHolder> Sink)> ReadAsync(byte[] bytes, int size)
    {
        var sink = new ListCollector<ObjectMetaHolder>();
        using var list = new ListReading<ObjectMetaHolder>(new PieceStream(bytes, size), ObjectMetaHolder.Reader, sink);
        while (!list.TakeAvailable() && await list.FillAsync(default))
        {
        }

        return (list.Result, sink);
    }

    /// <summary>At most so many bytes a read.</summary>
    private sealed class PieceStream(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }

    private sealed record ObjectMetaHolder(ObjectMeta Meta)
    {
        public static IObjectReader<ObjectMetaHolder> Reader { get; } = new MetaReaderOfAll();

        private sealed class MetaReaderOfAll : IObjectReader<ObjectMetaHolder>
        {
            public ObjectMeta MetaOf(ObjectMetaHolder value) => value.Meta;

            public ObjectMetaHolder Read(ref System.Text.Json.Utf8JsonReader reader) => new(MetaOnlyReader.Instance.Read(ref reader));
        }
    }
}
