using System.Text.Json;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>One object read by a step of its own.</summary>
internal delegate T ObjectRead<out T>(ref Utf8JsonReader reader, JsonPath path);

/// <summary>Keeps a bad object from taking the objects after it along.</summary>
internal static class ObjectRecovery
{
    /// <summary>Reads an object; on a <see cref="FormatException"/> leaves the reader at the object's end, as if it had been read.</summary>
    public static T Read<T>(ref Utf8JsonReader reader, ObjectRead<T> read)
    {
        var start = reader;
        var path = new JsonPath();
        try
        {
            return IsObject(ref reader, path) ? read(ref reader, path) : throw path.Error("expected an object, found null");
        }
        catch (FormatException)
        {
            reader = start;
            Skip(ref reader);
            throw;
        }
        catch (InvalidOperationException exception)
        {
            // All tokens were checked, so what is left for the reader to complain of is bytes or escapes that are no Unicode text.
            reader = start;
            Skip(ref reader);
            throw path.Error("a string is not valid Unicode text", exception);
        }
    }
}
