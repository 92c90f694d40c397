using System.Globalization;
using System.Text;

namespace GpuScheduler.Server.Options;

/// <summary>Durations as Go and Kubernetes write them: <c>1h30m</c>, <c>90s</c>, <c>500ms</c>.</summary>
internal static class Durations
{
    private static readonly (string Unit, long Milliseconds)[] Units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>Reads whole numbers with units; false for anything else.</summary>
    public static bool TryRead(string text, out TimeSpan duration)
    {
        duration = default;
        if (text == "0") return true;
        if (text.Length == 0) return false;
        var milliseconds = 0L;
        for (var at = 0; at < text.Length;)
        {
            var digits = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            if (!long.TryParse(text.AsSpan(digits, at - digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            var letters = at;
            while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
            var unit = Array.Find(Units, unit => text.AsSpan(letters, at - letters).SequenceEqual(unit.Unit));
            if (unit.Unit is null || number > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerHour / 10) return false;
            milliseconds += number * unit.Milliseconds;
        }

        duration = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    /// <summary>Writes one.</summary>
    public static string Write(TimeSpan duration)
    {
        if (duration == default) return "0s";
        var rest = (long)duration.TotalMilliseconds;
        var text = new StringBuilder();
        foreach (var (unit, milliseconds) in Units.Reverse())
        {
            if (rest >= milliseconds) text.Append(CultureInfo.InvariantCulture, $"{rest / milliseconds}{unit}");
            rest %= milliseconds;
        }

        return text.ToString();
    }
}
