using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;
using GpuScheduler.Extender.Decisions;

namespace GpuScheduler.Extender.Wire;

/// <summary>The pod of the call at hand. Remembers the last one: prioritize brings the bytes that filter has just brought.</summary>
/// <param name="reader">Reads pods.</param>
/// <param name="shapes">The shapes seen lately.</param>
/// <param name="seen">Keeps pods for bind.</param>
internal sealed class AskedPod(PodReader reader, ShapeMemory shapes, SeenPods seen)
{
    private readonly PooledBuffer _key = new();
    private readonly PooledBuffer _last = new();
    private readonly PooledBuffer _uid = new();
    private ShapeAnswers? _answers;

    /// <summary>What nodes answer to pods of this pod's shape.</summary>
    public ShapeAnswers Answers => _answers ?? throw new InvalidOperationException("no pod has been read");

    /// <summary>Whether its shape was remembered from an earlier call.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>The pod's UID as UTF-8.</summary>
    public ReadOnlySpan<byte> Uid => _uid.Written;

    /// <summary>The pod as it came.</summary>
    public ReadOnlySpan<byte> Json => _last.Written;

    /// <summary>Reads the pod that begins at <paramref name="start"/>; its length.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="MalformedRequestException">It is no pod.</exception>
    public int Read(ReadOnlySpan<byte> body, int start)
    {
        var json = body[start..];
        if (_answers is not null && json.StartsWith(_last.Written))
        {
            IsKnown = true;
            return _last.Length;
        }

        _answers = null;
        var isKey = PodKeyReader.TryRead(json, _key, out var uid, out var length);
        json = json[..length];
        if (isKey && shapes.Find(_key.Written) is { } known)
        {
            _answers = known;
            IsKnown = true;
            SetUid(uid.Of(json));
        }
        else
        {
            var pod = ReadPod(reader, body, new JsonRange(start, length));
            IsKnown = false;
            _answers = isKey ? shapes.Add(_key.Written, pod.Shape) : new ShapeAnswers(pod.Shape);
            SetUid(Encoding.UTF8.GetBytes(pod.Uid));
        }

        seen.Remember(Uid, json);
        _last.Clear();
        _last.Append(json);
        return length;
    }

    private void SetUid(ReadOnlySpan<byte> uid)
    {
        _uid.Clear();
        _uid.Append(uid);
    }

    /// <summary>Makes an object of a pod in the body.</summary>
    /// <exception cref="MalformedRequestException">There is none, or it is no pod.</exception>
    public static Pod ReadPod(PodReader reader, ReadOnlySpan<byte> body, JsonRange pod)
    {
        if (pod.IsNull) throw new MalformedRequestException("malformed request: Pod is missing");
        var json = new Utf8JsonReader(pod.Of(body));
        json.Read();
        try
        {
            return reader.Read(ref json);
        }
        catch (FormatException problem)
        {
            throw new MalformedRequestException($"Pod at byte offset {pod.Start}: {problem.Message}", problem);
        }
    }
}
