using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>The machine the numbers come from.</summary>
/// <param name="Processor">Model of the processor.</param>
/// <param name="Cores">Cores this process may use.</param>
/// <param name="Runtime">The .NET runtime.</param>
/// <param name="System">The operating system.</param>
internal sealed record Machine(string Processor, int Cores, string Runtime, string System)
{
    /// <summary>This one.</summary>
    public static Machine Current { get; } = new(
        ProcessorName(), Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, RuntimeInformation.OSDescription);

    /// <summary>Processor time that everything on this machine has used, of all cores together; null where it cannot be told.</summary>
    public static TimeSpan? BusyTime()
    {
        if (!OperatingSystem.IsLinux()) return null;
        // proc(5), /proc/stat: user nice system idle iowait irq softirq steal, in hundredths of a second; user contains guest.
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        return TimeSpan.FromMilliseconds((fields.Sum() - fields[3] - fields[4]) * 10);
    }

    private static string ProcessorName()
    {
        const string Key = "model name";
        if (!File.Exists("/proc/cpuinfo")) return RuntimeInformation.ProcessArchitecture.ToString();
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }
}
