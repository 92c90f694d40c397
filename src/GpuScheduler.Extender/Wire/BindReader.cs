using System.Text.Json;
using GpuScheduler.Core.Binding;

namespace GpuScheduler.Extender.Wire;

/// <summary>Reads a bind request (<c>ExtenderBindingArgs</c>).</summary>
internal static class BindReader
{
    /// <summary>The request, without the pod we may have seen.</summary>
    /// <exception cref="MalformedRequestException">A field is not a string, or one is missing.</exception>
    public static BindRequest Read(ReadOnlySpan<byte> body)
    {
        string name = "", inNamespace = "", uid = "", node = "";
        var reader = new Utf8JsonReader(body);
        RequestFields.EnterObject(ref reader, body);
        while (RequestFields.NextField(ref reader))
        {
            if (RequestFields.NameIs(ref reader, "PodName"u8)) name = PreemptionReader.ReadText(ref reader, body, 0);
            else if (RequestFields.NameIs(ref reader, "PodNamespace"u8)) inNamespace = PreemptionReader.ReadText(ref reader, body, 0);
            else if (RequestFields.NameIs(ref reader, "PodUID"u8)) uid = PreemptionReader.ReadText(ref reader, body, 0);
            else if (RequestFields.NameIs(ref reader, "Node"u8)) node = PreemptionReader.ReadText(ref reader, body, 0);
            else RequestFields.Skip(ref reader);
        }

        foreach (var (field, value) in (ReadOnlySpan<(string, string)>)[("PodName", name), ("PodNamespace", inNamespace), ("PodUID", uid), ("Node", node)])
        {
            if (value.Length == 0) throw new MalformedRequestException($"malformed request: {field} is missing");
        }

        return new BindRequest(inNamespace, name, uid, node, null);
    }
}
