using System.Globalization;

namespace GpuScheduler.Core.Objects;

/// <summary>
/// The version of an object. Kubernetes called it opaque until KEP-5504 (1.35) promised that versions compare as numbers, which they have always been
/// with etcd: a number is kept as one, so that a pod has no text more to itself, anything else as it came.
/// </summary>
public readonly record struct ResourceVersion
{
    private readonly ulong _number;
    private readonly string? _text;

    /// <summary>Takes a version as the API server writes it; empty where there is none.</summary>
    public ResourceVersion(string text)
    {
        // Only a number that is written in one way can be written again as it was.
        if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && text[0] != '0') _number = number;
        else if (text.Length > 0) _text = text;
    }

    /// <summary>Takes a version as the API server writes it.</summary>
    public static implicit operator ResourceVersion(string text) => new(text);

    /// <summary>Writes it as the API server does.</summary>
    public static implicit operator string(ResourceVersion version) => version.ToString();

    /// <summary>
    /// Whether it is older than another of the same object. What is no number is taken for newer: dropping a real change is worse than applying an old one.
    /// </summary>
    public bool IsOlderThan(ResourceVersion other) => TryRead(out var number) && other.TryRead(out var current) && number < current;

    /// <summary>
    /// Compares in the order in which the API server wrote them, also between objects of one resource type; none comes first, what is no number last.
    /// </summary>
    public static int CompareWritten(ResourceVersion a, ResourceVersion b) => (a._text, b._text) switch
    {
        (null, null) => a._number.CompareTo(b._number),
        (null, _) => -1,
        (_, null) => 1,
        _ => string.CompareOrdinal(a._text, b._text),
    };

    /// <summary>As the API server writes it; empty where there is none.</summary>
    public override string ToString() => _text ?? (_number == 0 ? "" : _number.ToString(CultureInfo.InvariantCulture));

    private bool TryRead(out ulong number)
    {
        number = _number;
        return number > 0 || ulong.TryParse(_text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
