using System.Buffers;

namespace GpuScheduler.Core.Tests.Objects;

/// <summary>A body cut into segments, as a pipe delivers it.</summary>
internal sealed class Segments : ReadOnlySequenceSegment<byte>
{
    private Segments(ReadOnlyMemory<byte> memory, long runningIndex)
    {
        Memory = memory;
        RunningIndex = runningIndex;
    }

    /// <summary>The bytes in pieces of <paramref name="size"/>, the first of <paramref name="first"/>.</summary>
    public static ReadOnlySequence<byte> Cut(ReadOnlyMemory<byte> bytes, int first, int size)
    {
        var start = new Segments(bytes[..first], 0);
        var end = start;
        for (var at = first; at < bytes.Length; at += size)
        {
            var next = new Segments(bytes.Slice(at, Math.Min(size, bytes.Length - at)), at);
            end.Next = next;
            end = next;
        }

        return new ReadOnlySequence<byte>(start, 0, end, end.Memory.Length);
    }
}
