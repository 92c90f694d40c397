using System.Buffers;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// Finds where a JSON value ends without parsing it, going on where it stopped when more bytes arrive. Because only quotes, braces and
/// brackets matter, a value that is broken inside but balanced still has an end, so one bad object can be skipped.
/// </summary>
internal struct JsonValueScanner
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> ScalarEnd = SearchValues.Create(",]} \r\n\t"u8);

    private int _offset;
    private int _depth;
    private bool _inString;

    /// <summary>
    /// <paramref name="data"/> begins with the value's first byte, on every call until it returns true with the value's length.
    /// </summary>
    public bool TryFindEnd(ReadOnlySpan<byte> data, out int length)
    {
        length = 0;
        if (data.IsEmpty)
        {
            return false;
        }

        if (_offset == 0)
        {
            switch (data[0])
            {
                case (byte)'{' or (byte)'[':
                    _depth = 1;
                    _offset = 1;
                    break;
                case (byte)'"':
                    _inString = true;
                    _offset = 1;
                    break;
                default:
                    length = data.IndexOfAny(ScalarEnd);
                    return length > 0;
            }
        }

        while (_offset < data.Length)
        {
            if (_inString)
            {
                var found = data[_offset..].IndexOfAny((byte)'"', (byte)'\\');
                if (found < 0)
                {
                    _offset = data.Length;
                    return false;
                }

                _offset += found;
                if (data[_offset] == (byte)'\\')
                {
                    if (_offset + 2 > data.Length)
                    {
                        return false;
                    }

                    _offset += 2;
                    continue;
                }

                _offset++;
                _inString = false;
            }
            else
            {
                var found = data[_offset..].IndexOfAny(Structure);
                if (found < 0)
                {
                    _offset = data.Length;
                    return false;
                }

                var c = data[_offset + found];
                _offset += found + 1;
                if (c == (byte)'"')
                {
                    _inString = true;
                    continue;
                }

                _depth += c is (byte)'{' or (byte)'[' ? 1 : -1;
            }

            if (_depth == 0)
            {
                length = _offset;
                this = default;
                return true;
            }
        }

        return false;
    }
}
