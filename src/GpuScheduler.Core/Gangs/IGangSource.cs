using System.Globalization;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Gangs;

/// <summary>Recognises the gangs of one API by what its controllers or users write on pods.</summary>
internal interface IGangSource
{
    /// <summary>What its gangs are called; see <see cref="GangKey.Kind"/>.</summary>
    string Kind { get; }

    /// <summary>The name of the pod's gang and its smallest size (0: not said); null when this API does not make the pod part of one.</summary>
    (string Name, int MinSize)? Read(Pod pod);

    /// <summary>The smallest size as our own annotation gives it, which also goes with gangs of other APIs; 0 when it is not said.</summary>
    int SizeOf(Pod pod) => Number(Text(pod, Sources.OwnGangs.SizeKey));

    /// <summary>The annotation of that name, else the label; null when there is neither, or it is empty.</summary>
    protected static string? Text(Pod pod, string key) =>
        pod.Annotations.TryGetValue(key, out var annotation) && annotation.Length > 0 ? annotation
        : pod.Labels.TryGetValue(key, out var label) && label.Length > 0 ? label : null;

    /// <summary>A positive number; 0 for anything else: a size that cannot be read is not known.</summary>
    protected static int Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
