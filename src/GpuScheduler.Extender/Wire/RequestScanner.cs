using System.Buffers;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Reads filter and prioritize requests of the form kube-scheduler writes, in one pass: <see cref="NameList"/> finds the names where they
/// stand, and <see cref="Utf8JsonReader"/> sees only the pod. At the first thing it does not expect it gives up, and <see cref="RequestFields"/>, which
/// is its specification, reads the body again from the start; whatever it does read, it reads as that would.
/// </summary>
/// <param name="padded">The body, and behind it <see cref="NameIndex.Reach"/> bytes or more of anything.</param>
/// <param name="bodyLength">How long the body is.</param>
internal ref struct RequestScanner(ReadOnlySpan<byte> padded, int bodyLength)
{
    /// <summary>What ends the plain part of a string: its quote, an escape, or a character that may not be there.</summary>
    private static readonly SearchValues<byte> StringStops = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(value => (byte)value)]);

    private readonly ReadOnlySpan<byte> _padded = padded;
    private readonly ReadOnlySpan<byte> _body = padded[..bodyLength];
    private int _at;

    /// <summary>Reads the request; false when the general way must be taken.</summary>
    /// <param name="snapshot">The snapshot whose nodes are asked for.</param>
    /// <param name="names">Reads the names.</param>
    /// <param name="asked">Receives the nodes named.</param>
    /// <param name="pod">Receives the pod.</param>
    /// <exception cref="JsonException">The pod is not JSON.</exception>
    /// <exception cref="MalformedRequestException">The pod is no pod.</exception>
    public bool TryRead(ClusterSnapshot snapshot, NameList names, AskedNodes asked, AskedPod pod)
    {
        asked.Begin(snapshot);
        var hasPod = false;
        if (!Take((byte)'{')) return false;
        do
        {
            if (!TryReadString(out var key) || !Take((byte)':')) return false;
            SkipWhitespace();
            if (Ascii.EqualsIgnoreCase(key, "Pod"u8))
            {
                if (Peek() != (byte)'{') return false;
                _at += pod.Read(_body, _at);
                hasPod = true;
            }
            else if (Ascii.EqualsIgnoreCase(key, "NodeNames"u8))
            {
                asked.Begin(snapshot);
                if (!TakeNull() && !TryReadNames(snapshot, names, asked)) return false;
            }
            else if (!Ascii.EqualsIgnoreCase(key, "Nodes"u8) || !TakeNull())
            {
                return false;
            }
        }
        while (Take((byte)','));

        asked.End();
        return Take((byte)'}') && hasPod;
    }

    private bool TryReadNames(ClusterSnapshot snapshot, NameList names, AskedNodes asked)
    {
        if (!Take((byte)'[')) return false;
        if (Peek() != '"') return Take((byte)']');
        var end = names.Read(_padded, _body.Length, _at, snapshot.Names, asked);
        if (end < 0) return false;
        _at = end + 1;
        return true;
    }

    /// <summary>Reads a string without escapes.</summary>
    private bool TryReadString(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Take((byte)'"')) return false;
        var length = _body[_at..].IndexOfAny(StringStops);
        if (length < 0 || _body[_at + length] != (byte)'"') return false;
        text = _body.Slice(_at, length);
        _at += length + 1;
        return true;
    }

    private bool TakeNull()
    {
        if (!_body[_at..].StartsWith("null"u8)) return false;
        _at += 4;
        return true;
    }

    private bool Take(byte expected)
    {
        SkipWhitespace();
        if (Peek() != expected) return false;
        _at++;
        return true;
    }

    private readonly int Peek() => (uint)_at < (uint)_body.Length ? _body[_at] : -1;

    private void SkipWhitespace()
    {
        while (Peek() is ' ' or '\n' or '\r' or '\t') _at++;
    }
}
