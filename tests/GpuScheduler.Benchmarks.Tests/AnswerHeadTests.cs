using System.Text;
using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.Benchmarks.Tests;

public sealed class AnswerHeadTests
{
    private const string Whole = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nContent-Type: application/json\r\nDate: x\r\n\r\n";

    [Fact]
    public void TryRead_WholeHeadAndMore_StatusAndLengths()
    {
        Assert.True(AnswerHead.TryRead(Encoding.UTF8.GetBytes(Whole + "{\"a\":1}"), out var head));

        Assert.Equal(new AnswerHead(200, Whole.Length, 12, IsLast: false), head);
    }

    [Fact]
    public void TryRead_AnyPartOfTheHead_NotYet()
    {
        var bytes = Encoding.UTF8.GetBytes(Whole);

        for (var length = 0; length < bytes.Length; length++) Assert.False(AnswerHead.TryRead(bytes.AsSpan(0, length), out _));
    }

    [Fact]
    public void TryRead_OtherCaseAndClose_Read()
    {
        Assert.True(AnswerHead.TryRead("HTTP/1.1 503 Service Unavailable\r\ncontent-length:0\r\nconnection: Close\r\n\r\n"u8, out var head));

        Assert.Equal((503, 0, true), (head.Status, head.BodyBytes, head.IsLast));
    }

    [Fact]
    public void TryRead_ChunkedAnswer_Refused() =>
        Assert.Throws<InvalidDataException>(() => AnswerHead.TryRead("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8, out _));

    [Fact]
    public void TryRead_NotHttp_Refused() => Assert.Throws<InvalidDataException>(() => AnswerHead.TryRead("SSH-2.0-x\r\n\r\n"u8, out _));
}
