using System.CommandLine;
using GpuScheduler.Server.Cli;

namespace GpuScheduler.Server.Commands;

/// <summary>What the commands that only look have in common.</summary>
internal static class LookCommand
{
    /// <summary>Opens the view, writes what is shown, and tells of what cannot be.</summary>
    public static async Task<int> RunAsync(
        ViewOptions options, ParseResult parsed, Func<IClusterView, OutputFormat, Task<string>> show, CancellationToken cancellation)
    {
        try
        {
            using var view = await options.OpenAsync(parsed, cancellation);
            Console.Out.Write(await show(view, options.FormatOf(parsed)));
            return ExitCode.Success;
        }
        catch (ViewException problem)
        {
            Console.Error.WriteLine($"error: {problem.Message}");
            return ExitCode.Failed;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {problem.Message}");
            return ExitCode.Failed;
        }
    }
}
