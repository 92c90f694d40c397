namespace GpuScheduler.Server.Cli;

/// <summary>Colours, where they can be seen: on a terminal that is not dumb, unless NO_COLOR (no-color.org) is set.</summary>
/// <param name="isOn">Whether to colour.</param>
internal sealed class Paint(bool isOn)
{
    /// <summary>As the environment says.</summary>
    public static Paint ForConsole { get; } = new(
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "" && Environment.GetEnvironmentVariable("TERM") is not "dumb");

    /// <summary>A headline.</summary>
    public string Bold(string text) => With("1", text);

    /// <summary>Of less weight.</summary>
    public string Dim(string text) => With("2", text);

    /// <summary>Good.</summary>
    public string Green(string text) => With("32", text);

    /// <summary>In between.</summary>
    public string Yellow(string text) => With("33", text);

    /// <summary>Bad.</summary>
    public string Red(string text) => With("31", text);

    /// <summary>By how full something is, 0 to 1.</summary>
    public string ByUse(double used, string text) => used >= 0.9 ? Red(text) : used >= 0.5 ? Yellow(text) : Green(text);

    /// <summary>How many columns a text takes.</summary>
    public static int WidthOf(string text)
    {
        var width = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\e') i = Math.Max(i, text.IndexOf('m', i));
            else width++;
        }

        return width;
    }

    private string With(string code, string text) => isOn && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
