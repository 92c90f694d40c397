using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuScheduler.Extender.Wire;

/// <summary>Bytes that are written often, with room behind them so that <see cref="WideWriter"/> may read more.</summary>
internal sealed class WidePiece
{
    private readonly byte[] _padded;

    public WidePiece(ReadOnlySpan<byte> bytes)
    {
        _padded = new byte[bytes.Length + WideWriter.Slack];
        bytes.CopyTo(_padded);
        Length = bytes.Length;
    }

    public int Length { get; }

    /// <summary>The bytes, and behind them <see cref="WideWriter.Slack"/> more.</summary>
    public ReadOnlySpan<byte> Padded => _padded;
}

/// <summary>
/// Writes many short pieces to the end of a buffer, each as a whole vector: what is too much is written over by the next. So the length of a
/// piece decides no branch. <see cref="Flush"/> ends it; nobody else may write to the buffer in between.
/// </summary>
/// <param name="buffer">Receives the bytes.</param>
/// <param name="roomFor">How many bytes there will be, as well as it can be told.</param>
internal ref struct WideWriter(PooledBuffer buffer, int roomFor)
{
    /// <summary>How much more than a piece is read and written.</summary>
    public const int Slack = 32;

    private Span<byte> _room = buffer.GetSpan(roomFor + Slack);
    private int _at;

    /// <summary>Writes a part of some bytes.</summary>
    /// <param name="padded">Reaches <see cref="Slack"/> bytes beyond the part.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="length">How long it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<byte> padded, int start, int length)
    {
        if (_room.Length - _at < length + Slack) MakeRoom(length);
        if ((uint)start > (uint)padded.Length || (uint)length + Slack > (uint)(padded.Length - start)) throw new ArgumentException("the part is too close to the end", nameof(padded));

        // Both ends have been checked.
        ref var from = ref Unsafe.Add(ref MemoryMarshal.GetReference(padded), start);
        ref var to = ref Unsafe.Add(ref MemoryMarshal.GetReference(_room), _at);
        Vector256.LoadUnsafe(ref from).StoreUnsafe(ref to);
        for (var i = Slack; i < length; i += Slack) Vector256.LoadUnsafe(ref from, (nuint)i).StoreUnsafe(ref to, (nuint)i);
        _at += length;
    }

    /// <summary>Gives what was written to the buffer.</summary>
    public void Flush()
    {
        buffer.Advance(_at);
        _room = [];
        _at = 0;
    }

    private void MakeRoom(int length)
    {
        buffer.Advance(_at);
        _at = 0;
        _room = buffer.GetSpan(Math.Max(length, buffer.Length) + Slack);
    }
}
