using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using GpuScheduler.Extender.Wire;
using Microsoft.AspNetCore.Connections;

namespace GpuScheduler.Extender;

/// <summary>
/// The memory that sockets read into and write from, in blocks of 256 KiB at first. Kestrel's own are of 4 KiB: a body that names 5,000 nodes would
/// be read in twenty pieces, each a system call and a wake-up of whoever waits for the body, and its answer copied into as many. Where longer bodies
/// come, blocks grow with them, so that the next one lies in one piece and need not be copied. Blocks are kept for the next call, up to a bound; an
/// idle connection holds none. May be used by any number of threads at once.
/// </summary>
public sealed class LargeBlockPool : MemoryPool<byte>
{
    private const int FirstBlockBytes = 256 * 1024;
    private const int LongestBlockBytes = 4 * 1024 * 1024;
    private const int KeptBlocks = 32;

    /// <summary>What may lie in a block with a body: its headers, and what is read behind it.</summary>
    private const int BesideBody = (4 * 1024) + RequestBytes.Slack;

    // Taken from the front and put back there: what was used last is still in a near cache, and blocks that only many calls at once need lie at the end.
    private readonly Block?[] _kept = new Block?[KeptBlocks];
    private volatile int _blockBytes = FirstBlockBytes;

    /// <inheritdoc/>
    public override int MaxBufferSize => LongestBlockBytes;

    /// <summary>Has blocks that are rented from now on hold a whole request with a body of this length, if any block may. They never shrink.</summary>
    public void MakeRoomFor(long bodyBytes)
    {
        if (bodyBytes <= LongestBlockBytes - BesideBody) Grow((int)bodyBytes + BesideBody);
    }

    /// <summary>A block; blocks grow to what is wanted of one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than <see cref="MaxBufferSize"/> is wanted.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, LongestBlockBytes);
        var bytes = Grow(minBufferSize);
        foreach (ref var place in _kept.AsSpan())
        {
            if (place is not null && Interlocked.Exchange(ref place, null) is { } block && block.Memory.Length >= bytes) return block;
        }

        return new Block(this, bytes);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => Array.Clear(_kept);

    /// <summary>Has blocks hold this much at least; how much they hold now.</summary>
    private int Grow(int bytes)
    {
        while (true)
        {
            var now = _blockBytes;
            if (bytes <= now) return now;
            Interlocked.CompareExchange(ref _blockBytes, (int)BitOperations.RoundUpToPowerOf2((uint)bytes), now);
        }
    }

    private void Return(Block block)
    {
        if (block.Memory.Length < _blockBytes) return;
        foreach (ref var place in _kept.AsSpan())
        {
            if (place is null && Interlocked.CompareExchange(ref place, block, null) is null) return;
        }
    }

    /// <summary>Makes one pool for whoever asks.</summary>
    public sealed class Factory : IMemoryPoolFactory<byte>
    {
        /// <inheritdoc/>
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new LargeBlockPool();
    }

    /// <summary>Pinned, because the system reads into it and writes from it.</summary>
    private sealed class Block(LargeBlockPool pool, int bytes) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(bytes, pinned: true), 0, bytes);

        public void Dispose() => pool.Return(this);
    }
}
