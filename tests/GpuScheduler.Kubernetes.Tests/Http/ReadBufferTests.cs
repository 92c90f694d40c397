namespace GpuScheduler.Kubernetes.Tests.Http;

public sealed class ReadBufferTests
{
    [Fact]
    public async Task FillAsync_BytesComeOnAnotherThread_GoesOnInThePool()
    {
        // The continuation runs where the bytes are handed over, as it does with sockets that go on inline.
        var arrival = new TaskCompletionSource<int>();
        using var buffer = new ReadBuffer(new WaitingStream(arrival.Task));
        var goesOn = IsOnPoolAfterAsync(buffer);

        var socketThread = new Thread(() => arrival.SetResult(3));
        socketThread.Start();

        Assert.True(await goesOn);
        Assert.Equal(3, buffer.Unread.Length);
        socketThread.Join();
    }

    private static async Task<bool> IsOnPoolAfterAsync(ReadBuffer buffer)
    {
        await buffer.FillAsync(CancellationToken.None).ConfigureAwait(false);
        return Thread.CurrentThread.IsThreadPoolThread;
    }

    private sealed class WaitingStream(Task<int> arrival) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(arrival);
    }
}
