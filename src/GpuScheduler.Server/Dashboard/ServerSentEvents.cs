using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace GpuScheduler.Server.Dashboard;

/// <summary>Writes server-sent events whose data is one line of JSON each (WHATWG HTML, section 9.2).</summary>
/// <param name="output">Where to.</param>
internal sealed class ServerSentEvents(PipeWriter output)
{
    private readonly ArrayBufferWriter<byte> _data = new();

    /// <summary>Writes one event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="write">Writes its data.</param>
    public void Write(ReadOnlySpan<byte> name, Action<Utf8JsonWriter> write)
    {
        _data.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_data)) write(json);
        Write(name, _data.WrittenSpan);
    }

    /// <summary>Writes one event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Its data, JSON without line breaks.</param>
    public void Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        output.Write("event: "u8);
        output.Write(name);
        output.Write("\ndata: "u8);
        output.Write(data);
        output.Write("\n\n"u8);
    }

    /// <summary>Sends what was written.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken) => await output.FlushAsync(cancellationToken);
}
