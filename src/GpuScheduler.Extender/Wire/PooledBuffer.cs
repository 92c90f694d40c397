using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace GpuScheduler.Extender.Wire;

/// <summary>Bytes in one rented array that grows as needed and is kept from call to call.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    private const int SmallestRent = 4096;

    private byte[] _bytes = [];
    private int _length;

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    /// <summary>What was written, and behind it that many bytes of anything.</summary>
    public ReadOnlySpan<byte> WithSlack(int slack)
    {
        if (_bytes.Length - _length < slack) Grow(slack);
        return _bytes.AsSpan(0, _length + slack);
    }

    public void Clear() => _length = 0;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bytes.Length - _length) Grow(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Appends a part of some bytes, a whole vector at a time: what is too much is written over by what comes next.</summary>
    /// <param name="padded">Reaches <see cref="WideWriter.Slack"/> bytes beyond the part.</param>
    /// <param name="start">Where the part begins.</param>
    /// <param name="length">How long it is.</param>
    public void AppendWide(ReadOnlySpan<byte> padded, int start, int length)
    {
        var writer = new WideWriter(this, length);
        writer.Append(padded, start, length);
        writer.Flush();
    }

    public void Append(byte value)
    {
        if (_length == _bytes.Length) Grow(1);
        _bytes[_length++] = value;
    }

    /// <summary>Writes a text as a JSON string; what is no valid Unicode becomes U+FFFD.</summary>
    public void AppendJsonString(string text)
    {
        Append((byte)'"');
        Append(Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)));
        Append((byte)'"');
    }

    /// <summary>Gives the array back if it is longer than what is worth keeping between calls.</summary>
    public void Shrink(int keepAtMost)
    {
        _length = 0;
        if (_bytes.Length <= keepAtMost) return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (Math.Max(1, sizeHint) > _bytes.Length - _length) Grow(Math.Max(1, sizeHint));
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Counts bytes written into <see cref="GetSpan"/>.</summary>
    public void Advance(int count) => _length += count;

    private void Grow(int more)
    {
        var next = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestRent, Math.Max(checked(_length + more), (int)Math.Min(Array.MaxLength, _bytes.Length * 2L))));
        Written.CopyTo(next);
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = next;
    }
}
