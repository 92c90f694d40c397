using System.Buffers;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// The unconsumed bytes of a response in one contiguous pooled array. It grows only as far as the largest single object needs.
/// </summary>
internal sealed class ReadBuffer(Stream stream) : IDisposable
{
    /// <summary>Most bytes one object may have. etcd refuses objects above 1.5 MiB by default; this leaves room for larger settings.</summary>
    public const int MaxObjectBytes = 64 << 20;

    private byte[] _array = ArrayPool<byte>.Shared.Rent(64 << 10);
    private int _start;
    private int _end;

    /// <summary>What was read and not consumed.</summary>
    public ReadOnlySpan<byte> Unread => _array.AsSpan(_start, _end - _start);

    /// <summary>Drops the first bytes.</summary>
    public void Consume(int count)
    {
        _start += count;
        if (_start == _end)
        {
            _start = _end = 0;
        }
    }

    /// <summary>Reads more; false at the end of the stream.</summary>
    /// <exception cref="FormatException">One object is larger than <see cref="MaxObjectBytes"/>.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        MakeRoom();
        var reading = stream.ReadAsync(_array.AsMemory(_end), cancellationToken);
        var isWaiting = !reading.IsCompleted;
        var read = await reading;
        _end += read;
        if (isWaiting) await SocketThread.LeaveAsync();
        return read > 0;
    }

    public void Dispose()
    {
        var array = Interlocked.Exchange(ref _array, []);
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void MakeRoom()
    {
        // moving a small rest to the front is cheaper than reading into a small tail
        if (_start > 0 && _array.Length - _end < _array.Length / 2)
        {
            Unread.CopyTo(_array);
            _end -= _start;
            _start = 0;
        }

        if (_end < _array.Length)
        {
            return;
        }

        if (_array.Length >= MaxObjectBytes)
        {
            throw new FormatException($"an object larger than {MaxObjectBytes} bytes");
        }

        var larger = ArrayPool<byte>.Shared.Rent(_array.Length * 2);
        Unread.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
