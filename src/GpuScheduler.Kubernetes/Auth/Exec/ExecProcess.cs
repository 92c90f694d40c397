using System.ComponentModel;
using System.Diagnostics;

namespace GpuScheduler.Kubernetes;

/// <summary>Runs an exec plugin once.</summary>
internal static class ExecProcess
{
    private const int MaxErrorChars = 500;

    /// <summary>What it printed, or why it failed.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; the program is killed.</exception>
    public static async Task<ApiResult<byte[]>> RunAsync(ExecPlugin plugin, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = StartInfo(plugin) };
        try
        {
            process.Start();
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            var hint = plugin.InstallHint.Length > 0 ? $" {plugin.InstallHint}" : "";
            return Failed(plugin, $"cannot be started: {e.Message}{hint}");
        }

        process.StandardInput.Close();
        try
        {
            using var output = new MemoryStream();
            var copy = process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await Task.WhenAll(copy, errors);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? new(output.ToArray())
                : Failed(plugin, $"ended with code {process.ExitCode}: {Clip((await errors).Trim())}");
        }
        finally
        {
            Kill(process);
        }
    }

    public static ApiResult<byte[]> Failed(ExecPlugin plugin, string message) =>
        new(new ApiStatus(ApiOutcome.NotSent, 0, "", $"exec plugin '{plugin.Command}' ({plugin.Source}) {message}"));

    private static ProcessStartInfo StartInfo(ExecPlugin plugin)
    {
        var start = new ProcessStartInfo(plugin.Command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in plugin.Args)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in plugin.Env)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = plugin.ExecInfo;
        return start;
    }

    private static string Clip(string text) => text.Length <= MaxErrorChars ? text : string.Concat(text.AsSpan(0, MaxErrorChars), "...");

    private static void Kill(Process process)
    {
        try
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // it ended in between
        }
    }
}
