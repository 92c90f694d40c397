using System.Buffers;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Wire;

/// <summary>
/// Reads filter and prioritize requests of the form kube-scheduler writes, in one pass: names are compared where they stand, and
/// <see cref="Utf8JsonReader"/> sees only the pod. At the first thing it does not expect it gives up, and <see cref="RequestFields"/>, which
/// is its specification, reads the body again from the start; whatever it does read, it reads as that would.
/// </summary>
internal ref struct RequestScanner(ReadOnlySpan<byte> body)
{
    /// <summary>What ends the plain part of a string: its quote, an escape, or a character that may not be there.</summary>
    private static readonly SearchValues<byte> StringStops = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, 32).Select(value => (byte)value)]);

    private readonly ReadOnlySpan<byte> _body = body;
    private int _at;

    /// <summary>Reads the request; false when the general way must be taken.</summary>
    /// <param name="snapshot">The snapshot whose nodes are asked for.</param>
    /// <param name="known">Recognises names.</param>
    /// <param name="asked">Receives the nodes named.</param>
    /// <param name="pod">Receives the pod.</param>
    /// <exception cref="JsonException">The pod is not JSON.</exception>
    /// <exception cref="MalformedRequestException">The pod is no pod.</exception>
    public bool TryRead(ClusterSnapshot snapshot, KnownNames known, AskedNodes asked, AskedPod pod)
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
                if (!TakeNull() && !TryReadNames(snapshot, known, asked)) return false;
            }
            else if (!Ascii.EqualsIgnoreCase(key, "Nodes"u8) || !TakeNull())
            {
                return false;
            }
        }
        while (Take((byte)','));

        return Take((byte)'}') && hasPod;
    }

    private bool TryReadNames(ClusterSnapshot snapshot, KnownNames known, AskedNodes asked)
    {
        if (!Take((byte)'[')) return false;
        if (Take((byte)']')) return true;
        known.Begin(snapshot);
        while (true)
        {
            SkipWhitespace();
            var start = _at;
            var recognized = known.Recognize(_body, start, asked);
            if (recognized > start)
            {
                _at = recognized;
            }
            else if (!TryReadString(out var name))
            {
                return false;
            }
            else if (snapshot.Names.Find(name) is { } node)
            {
                known.LookedUp(_body[start.._at], node.Row);
                asked.Add(node.Row, start, _at);
            }
            else
            {
                asked.AddUnknown(Encoding.UTF8.GetString(name), start, _at);
            }

            if ((uint)_at < (uint)_body.Length && _body[_at] == (byte)',') _at++;
            else if (Take((byte)']')) return true;
            else if (!Take((byte)',')) return false;
        }
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
