using System.Buffers;
using System.Runtime.InteropServices;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// The body of a request: where it was received, when it lies there in one piece, else in a copy. Used by one call at a time.
/// </summary>
internal sealed class RequestBytes
{
    /// <summary>So many bytes of anything can always be read behind the body, at least.</summary>
    public const int Slack = NameIndex.Reach;

    private readonly PooledBuffer _copy = new();
    private byte[]? _borrowed;
    private int _start;
    private int _length;

    public int Length => _borrowed is null ? _copy.Length : _length;

    public ReadOnlySpan<byte> Written => _borrowed is null ? _copy.Written : _borrowed.AsSpan(_start, _length);

    /// <summary>The body, and behind it <see cref="Slack"/> bytes of anything.</summary>
    public ReadOnlySpan<byte> Padded => _borrowed is null ? _copy.WithSlack(Slack) : _borrowed.AsSpan(_start, _length + Slack);

    /// <summary>Takes the whole body as it lies there, if it can; until <see cref="Clear"/> nobody may change it.</summary>
    public bool TryBorrow(in ReadOnlySequence<byte> body)
    {
        if (!body.IsSingleSegment || _copy.Length > 0 || !MemoryMarshal.TryGetArray(body.First, out var segment)) return false;
        var (array, start, length) = (segment.Array!, segment.Offset, segment.Count);
        if (array.Length - start - length < Slack) return false;
        (_borrowed, _start, _length) = (array, start, length);
        return true;
    }

    /// <summary>Copies more of the body.</summary>
    public void Append(ReadOnlySpan<byte> bytes) => _copy.Append(bytes);

    /// <summary>Copies more of the body.</summary>
    public void Append(in ReadOnlySequence<byte> bytes)
    {
        foreach (var segment in bytes) _copy.Append(segment.Span);
    }

    /// <summary>Forgets it.</summary>
    public void Clear()
    {
        _borrowed = null;
        _copy.Clear();
    }

    /// <summary>Forgets it, and gives back the room of very long ones.</summary>
    public void Shrink(int keepAtMost)
    {
        _borrowed = null;
        _copy.Shrink(keepAtMost);
    }
}
