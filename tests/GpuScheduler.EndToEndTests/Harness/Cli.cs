using System.Diagnostics;

namespace GpuScheduler.EndToEndTests.Harness;

/// <summary>A command of our executable that ends by itself.</summary>
internal static class Cli
{
    /// <summary>Runs it; what it wrote. Fails where it does.</summary>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "gpu-scheduler.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', arguments)}: {await error}");
        return output;
    }
}
