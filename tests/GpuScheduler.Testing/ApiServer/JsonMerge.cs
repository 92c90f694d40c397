using System.Text.Json.Nodes;

namespace GpuScheduler.Testing;

/// <summary>JSON merge patch (RFC 7396): null removes, objects merge, everything else replaces.</summary>
internal static class JsonMerge
{
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject inner:
                    if (target[name] is not JsonObject existing)
                    {
                        target[name] = existing = [];
                    }

                    Apply(existing, inner);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }
}
