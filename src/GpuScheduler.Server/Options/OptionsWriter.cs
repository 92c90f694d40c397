using System.Text;

namespace GpuScheduler.Server.Options;

/// <summary>Writes options as the YAML file that sets them, and the reference of all of them.</summary>
public static class OptionsWriter
{
    private const int Width = 110;

    /// <summary>A file that sets every option to its value here; comments say what each is, what it takes and its default.</summary>
    /// <param name="options">The values.</param>
    /// <param name="sections">The sections to write; none for all.</param>
    public static string WriteYaml(GpuSchedulerOptions options, params IReadOnlyCollection<string> sections)
    {
        var defaults = new GpuSchedulerOptions();
        var text = new StringBuilder();
        foreach (var (section, about) in OptionCatalog.Sections)
        {
            if (sections.Count > 0 && !sections.Contains(section)) continue;
            if (text.Length > 0) text.Append('\n');
            text.Append("# ").Append(about).Append('\n').Append(section).Append(":\n");
            foreach (var spec in OptionCatalog.All.Where(option => option.Section == section))
            {
                var isDefault = Inline(spec, options) == Inline(spec, defaults);
                Comment(text, $"{spec.Description} Takes {spec.Takes}.{(isDefault ? "" : $" Default: {Inline(spec, defaults)}")}");
                text.Append("  ").Append(spec.Name).Append(": ").Append(Inline(spec, options)).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>The option reference as a Markdown table.</summary>
    public static string WriteReference()
    {
        var defaults = new GpuSchedulerOptions();
        var text = new StringBuilder("| option | default | takes | what it does |\n|---|---|---|---|\n");
        foreach (var spec in OptionCatalog.All)
        {
            text.Append($"| `{spec.Path}` | `{Inline(spec, defaults)}` | {spec.Takes} | {spec.Description} |\n");
        }

        return text.ToString();
    }

    private static string Inline(OptionSpec spec, GpuSchedulerOptions options)
    {
        var entries = spec.Show(options);
        return spec.Form switch
        {
            OptionForm.Scalar => Scalar(entries[0].Value),
            OptionForm.List => $"[{string.Join(", ", entries.Select(entry => Scalar(entry.Value)))}]",
            _ => entries.Count == 0 ? "{}" : $"{{ {string.Join(", ", entries.Select(entry => $"{Scalar(entry.Key)}: {Scalar(entry.Value)}"))} }}",
        };
    }

    /// <summary>Quoted where a plain scalar would not be read back as the same text.</summary>
    private static string Scalar(string value) =>
        value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or ':' or '-' or '=' or '_') && value[^1] != ':' && value[0] != '-'
            ? value
            : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private static void Comment(StringBuilder text, string comment)
    {
        var line = 0;
        foreach (var word in comment.Split(' '))
        {
            if (line == 0 || line + word.Length + 1 > Width)
            {
                if (line > 0) text.Append('\n');
                text.Append("  # ");
                line = 4;
            }
            else
            {
                text.Append(' ');
                line++;
            }

            text.Append(word);
            line += word.Length;
        }

        text.Append('\n');
    }
}
