using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace GpuScheduler.Server.Hosting;

/// <summary>
/// The memory that sockets read into and write from, in blocks of 256 KiB. Kestrel's own are of 4 KiB: a body that names 5,000 nodes would be
/// read in twenty pieces, each a system call and a wake-up of whoever waits for the body, and its answer copied into as many. Blocks are kept for
/// the next call, up to a bound; an idle connection holds none.
/// </summary>
internal sealed class LargeBlockPool : MemoryPool<byte>
{
    private const int BlockBytes = 256 * 1024;
    private const int KeptBlocks = 32;

    // Taken from the front and put back there: what was used last is still in a near cache, and blocks that only many calls at once need lie at the end.
    private readonly Block?[] _kept = new Block?[KeptBlocks];

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        foreach (ref var place in _kept.AsSpan())
        {
            if (place is not null && Interlocked.Exchange(ref place, null) is { } block) return block;
        }

        return new Block(this);
    }

    protected override void Dispose(bool disposing) => Array.Clear(_kept);

    private void Return(Block block)
    {
        foreach (ref var place in _kept.AsSpan())
        {
            if (place is null && Interlocked.CompareExchange(ref place, block, null) is null) return;
        }
    }

    /// <summary>Makes one pool for whoever asks.</summary>
    internal sealed class Factory : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new LargeBlockPool();
    }

    /// <summary>Pinned, because the system reads into it and writes from it.</summary>
    private sealed class Block(LargeBlockPool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true), 0, BlockBytes);

        public void Dispose() => pool.Return(this);
    }
}
