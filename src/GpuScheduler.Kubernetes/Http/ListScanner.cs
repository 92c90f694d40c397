using System.Text;

namespace GpuScheduler.Kubernetes;

/// <summary>What <see cref="ListScanner.Next"/> found.</summary>
internal enum ListPiece
{
    /// <summary>Nothing whole: consume, read more bytes, ask again.</summary>
    NeedMore,

    /// <summary>One element of <c>items</c>.</summary>
    Item,

    /// <summary>One other member of the list, named by <see cref="ListScanner.MemberName"/>.</summary>
    Member,
}

/// <summary>
/// Cuts the bytes of a list (<c>{"kind":…,"metadata":{…},"items":[{…},{…}]}</c>) into items and the few other members while they
/// arrive, so that never more than one item is held.
/// </summary>
internal sealed class ListScanner
{
    private JsonValueScanner _value;
    private Phase _phase;

    private enum Phase
    {
        Start,
        Key,
        Colon,
        Value,
        Items,
        Done,
    }

    /// <summary>Whether the list's closing brace was found. The answer must end there.</summary>
    public bool IsEnded => _phase == Phase.Done;

    /// <summary>Whether there was an <c>items</c> member; the server always writes one, null when empty.</summary>
    public bool HasItems { get; private set; }

    /// <summary>Name of the member last found.</summary>
    public string MemberName { get; private set; } = "";

    /// <summary>
    /// Looks for the next piece. The caller discards <paramref name="consumed"/> bytes before the next call; the piece itself lies at
    /// <paramref name="value"/> within <paramref name="data"/>.
    /// </summary>
    /// <exception cref="FormatException">The bytes are no list.</exception>
    public ListPiece Next(ReadOnlySpan<byte> data, out int consumed, out Range value)
    {
        value = default;
        consumed = 0;
        while (true)
        {
            var gap = data[consumed..].IndexOfAnyExcept(" \r\n\t"u8);
            if (gap < 0)
            {
                consumed = data.Length;
                return ListPiece.NeedMore;
            }

            consumed += gap;
            var c = data[consumed];
            switch (_phase)
            {
                case Phase.Start:
                    Expect(c, '{');
                    consumed++;
                    _phase = Phase.Key;
                    break;
                case Phase.Key when c == '}':
                    consumed++;
                    _phase = Phase.Done;
                    break;
                case Phase.Key or Phase.Items when c == ',':
                    consumed++;
                    break;
                case Phase.Key:
                    Expect(c, '"');
                    if (!TryTake(data, ref consumed, out var name))
                    {
                        return ListPiece.NeedMore;
                    }

                    MemberName = Encoding.UTF8.GetString(data[name][1..^1]);
                    HasItems |= MemberName == "items";
                    _phase = Phase.Colon;
                    break;
                case Phase.Colon:
                    Expect(c, ':');
                    consumed++;
                    _phase = Phase.Value;
                    break;
                case Phase.Value when c == '[' && MemberName == "items":
                    consumed++;
                    _phase = Phase.Items;
                    break;
                case Phase.Value:
                    if (!TryTake(data, ref consumed, out value))
                    {
                        return ListPiece.NeedMore;
                    }

                    _phase = Phase.Key;
                    return ListPiece.Member;
                case Phase.Items when c == ']':
                    consumed++;
                    _phase = Phase.Key;
                    break;
                case Phase.Items when c == '}':
                    consumed++; // left over from an unbalanced item, which its reader refuses anyway
                    break;
                case Phase.Items:
                    return TryTake(data, ref consumed, out value) ? ListPiece.Item : ListPiece.NeedMore;
                default:
                    // an unbalanced item could have closed the list early: a list cut short must not pass for a whole one
                    throw new FormatException("bytes after the end of a list");
            }
        }
    }

    private static void Expect(byte found, char expected)
    {
        if (found != expected)
        {
            throw new FormatException($"not a list: expected '{expected}', found byte 0x{found:x2}");
        }
    }

    private bool TryTake(ReadOnlySpan<byte> data, ref int consumed, out Range range)
    {
        var start = consumed;
        if (!_value.TryFindEnd(data[start..], out var length))
        {
            range = default;
            return false;
        }

        consumed = start + length;
        range = start..consumed;
        return true;
    }
}
