using System.Globalization;
using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// Reads a shape as people write it: <c>cpu=8 memory=64Gi gpu=1 x 20</c>. Resources are Kubernetes names with Kubernetes quantities;
/// <c>gpu</c> is short for <c>nvidia.com/gpu</c>, <c>gpu-milli</c> for thousandths of one GPU, <c>model</c> names accepted GPU models;
/// <c>x N</c> says how many, without it as many as fit.
/// </summary>
public static class ShapeText
{
    /// <summary>Without a number: more than any cluster takes.</summary>
    public const int AsManyAsFit = int.MaxValue;

    /// <summary>Reads a shape and how many pods of it.</summary>
    /// <exception cref="FormatException">It is not written like that.</exception>
    public static (PodShape Shape, int Count) Parse(string text, GpuResourceCatalog catalog)
    {
        var words = text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
        var count = AsManyAsFit;
        if (words.Length >= 2 && words[^2] is "x" or "X")
        {
            if (!int.TryParse(words[^1], NumberStyles.None, CultureInfo.InvariantCulture, out count) || count == 0) throw Wrong(text, $"'{words[^1]}' is not a number of pods");
            words = words[..^2];
        }

        var requests = new List<ResourceAmount>();
        ModelSelector? models = null;
        foreach (var word in words)
        {
            var equals = word.IndexOf('=');
            if (equals <= 0) throw Wrong(text, $"'{word}' is not resource=amount");
            var (name, value) = (word[..equals], word[(equals + 1)..]);
            if (name == "model")
            {
                models = ModelSelector.Parse(value);
                continue;
            }

            name = name switch
            {
                "gpu" => GpuResourceCatalog.NvidiaGpu,
                "gpu-milli" => GpuResourceCatalog.GpuMilli,
                "mem" => ResourceNames.Memory,
                _ => name,
            };
            if (!Quantity.TryParse(Encoding.UTF8.GetBytes(value), out var quantity, out var problem)) throw Wrong(text, $"{name}: {problem}");
            if (quantity.IsNegative) throw Wrong(text, $"{name}: {value} is negative");
            requests.Add(new ResourceAmount(name, ResourceNames.ToColumnUnits(name, quantity, isRequest: true)));
        }

        return requests.Count > 0 ? (new PodShape(requests, catalog, models: models), count) : throw Wrong(text, "it asks for nothing");
    }

    private static FormatException Wrong(string text, string problem) =>
        new($"'{text}': {problem}; write for example: cpu=8 memory=64Gi gpu=1 x 20");
}
