using System.Globalization;
using System.Text;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>
/// Where in an object a reader is, so that an error can say so: <c>spec.containers[0].resources.requests["nvidia.com/gpu"]</c>.
/// Pushing costs nothing but a store; the text is only made for an error.
/// </summary>
internal sealed class JsonPath
{
    private readonly List<(string? Name, int Index)> _steps = new(8);

    /// <summary>Steps into a field.</summary>
    public void Push(string field) => _steps.Add((field, -1));

    /// <summary>Steps to an element of the array in the last field.</summary>
    public void PushIndex(int index) => _steps.Add((null, index));

    /// <summary>Steps back out.</summary>
    public void Pop() => _steps.RemoveAt(_steps.Count - 1);

    /// <summary>An error here.</summary>
    public FormatException Error(string problem, Exception? cause = null) => new($"{this}: {problem}", cause);

    /// <summary>An error in a field of the object that the reader is in.</summary>
    public FormatException ErrorIn(string field, string problem, Exception? cause = null)
    {
        Push(field);
        return Error(problem, cause);
    }

    /// <summary>The path of a key of the map that the reader is in.</summary>
    public string TextOfKey(string key) => $"{this}[\"{key}\"]";

    public override string ToString()
    {
        if (_steps.Count == 0) return "object";
        var text = new StringBuilder();
        foreach (var (name, index) in _steps)
        {
            if (name is null) text.Append(CultureInfo.InvariantCulture, $"[{index}]");
            else text.Append(text.Length == 0 ? "" : ".").Append(name);
        }

        return text.ToString();
    }
}
