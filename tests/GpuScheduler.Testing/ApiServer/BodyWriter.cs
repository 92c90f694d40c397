using Microsoft.AspNetCore.Http;

namespace GpuScheduler.Testing;

/// <summary>Writes an answer's body, cutting or holding it where the fault says.</summary>
internal sealed class BodyWriter(HttpContext context, Fault? fault)
{
    private long _left = fault?.BodyBytes ?? long.MaxValue;

    /// <summary>False once the connection was cut.</summary>
    public async Task<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var body = context.Response.BodyWriter;
        if (_left >= bytes.Length)
        {
            _left -= bytes.Length;
            await body.WriteAsync(bytes, context.RequestAborted);
            return true;
        }

        await body.WriteAsync(bytes[..(int)_left], context.RequestAborted);
        await body.FlushAsync(context.RequestAborted);
        if (fault!.CutsBody)
        {
            context.Abort();
            return false;
        }

        var rest = bytes[(int)_left..];
        _left = long.MaxValue;
        await fault.HoldBody!.PassAsync(context.RequestAborted);
        await body.WriteAsync(rest, context.RequestAborted);
        return true;
    }
}
