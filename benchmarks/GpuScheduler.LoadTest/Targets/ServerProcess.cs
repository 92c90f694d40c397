using System.Diagnostics;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>A server that was started for the test and ends with it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>The begin of the line in which a server tells its address.</summary>
    public const string ListeningPrefix = "Listening on ";

    private readonly Process _process;

    private ServerProcess(Process process, Uri url, TimeSpan startTime)
    {
        _process = process;
        Url = url;
        StartTime = startTime;
    }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>From the start of the process to the line that says it listens.</summary>
    public TimeSpan StartTime { get; }

    /// <summary>Starts <c>dotnet DLL ARGS</c> and waits until it says where it listens.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public static async Task<ServerProcess> StartAsync(string dll, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        if (!File.Exists(dll)) throw new FileNotFoundException($"there is no {dll}; build it in the same configuration, or say --server PATH", dll);
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        start.ArgumentList.Add(dll);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var watch = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                if (!line.StartsWith(ListeningPrefix, StringComparison.Ordinal)) continue;
                var url = new Uri(line[ListeningPrefix.Length..].Split(' ')[0]);
                // Nobody reads further; a full pipe would stop the server.
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return new ServerProcess(process, url, watch.Elapsed);
            }

            await process.WaitForExitAsync(cancellationToken);
            throw new InvalidOperationException($"{Path.GetFileName(dll)} {string.Join(' ', arguments)} ended with exit code {process.ExitCode} before it listened");
        }
        catch
        {
            if (!process.HasExited) process.Kill();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
