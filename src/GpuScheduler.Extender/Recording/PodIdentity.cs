using System.Text.Json;

namespace GpuScheduler.Extender.Recording;

/// <summary>Which pod a call was about; empty where it does not say.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its UID.</param>
public readonly record struct PodIdentity(string Namespace, string Name, string Uid)
{
    /// <summary>Reads it from the beginning of a pod's JSON, which may be cut anywhere: kube-scheduler writes these three first.</summary>
    internal static PodIdentity ReadBeginning(ReadOnlySpan<byte> json)
    {
        string inNamespace = "", name = "", uid = "";
        try
        {
            var reader = new Utf8JsonReader(json, isFinalBlock: false, state: default);
            var inMetadata = false;
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName) inMetadata = reader.ValueTextEquals("metadata"u8);
                if (!inMetadata || reader.CurrentDepth != 2 || reader.TokenType != JsonTokenType.PropertyName) continue;
                var (isNamespace, isName, isUid) = (reader.ValueTextEquals("namespace"u8), reader.ValueTextEquals("name"u8), reader.ValueTextEquals("uid"u8));
                if (!(isNamespace || isName || isUid) || !reader.Read() || reader.TokenType != JsonTokenType.String) continue;
                if (isNamespace) inNamespace = reader.GetString()!;
                else if (isName) name = reader.GetString()!;
                else uid = reader.GetString()!;
            }
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            // What was read before it holds.
        }

        return new PodIdentity(name.Length > 0 && inNamespace.Length == 0 ? "default" : inNamespace, name, uid);
    }
}
