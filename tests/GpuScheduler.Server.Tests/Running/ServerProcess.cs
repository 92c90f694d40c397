using System.Diagnostics;
using System.Text;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>The real executable, started as a process of its own on a free port, without any Kubernetes around.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>Far beyond any start: only a hang ends here.</summary>
    private static readonly TimeSpan Hang = TimeSpan.FromMinutes(2);

    private readonly Process _process;

    private ServerProcess(Process process, string greeting, Task<string> errors)
    {
        _process = process;
        Errors = errors;
        Greeting = greeting;
        var url = greeting.Split('\n').Single(line => line.StartsWith("Listening on ", StringComparison.Ordinal))["Listening on ".Length..];
        Urls = [.. url.Split(' ').Select(address => new Uri(address))];
        Client = new HttpClient { BaseAddress = Urls[0], Timeout = Hang };
    }

    /// <summary>What it said when it was ready.</summary>
    public string Greeting { get; }

    /// <summary>Its log; complete once it has ended.</summary>
    public Task<string> Errors { get; }

    /// <summary>The addresses it listens on, in the order of the options.</summary>
    public IReadOnlyList<Uri> Urls { get; }

    /// <summary>Talks to the first of them, without TLS.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts it and waits until it is ready.</summary>
    public static Task<ServerProcess> StartAsync(params IEnumerable<string> arguments) => StartWithAsync([], arguments);

    /// <summary>The same with variables of its environment.</summary>
    public static async Task<ServerProcess> StartWithAsync(IReadOnlyList<(string Name, string Value)> variables, params IEnumerable<string> arguments)
    {
        var process = Start(arguments.Contains("--urls") ? arguments : [.. arguments, "--urls", "http://127.0.0.1:0"], variables);
        var errors = process.StandardError.ReadToEndAsync();
        using var hang = new CancellationTokenSource(Hang);
        var greeting = new StringBuilder();
        while (await process.StandardOutput.ReadLineAsync(hang.Token) is { } line)
        {
            greeting.Append(line).Append('\n');
            if (line.StartsWith("Ctrl+C", StringComparison.Ordinal)) return new ServerProcess(process, greeting.ToString(), errors);
        }

        throw new InvalidOperationException($"the service ended: {greeting}{await errors}");
    }

    /// <summary>Runs a command that ends by itself.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params IEnumerable<string> arguments)
    {
        using var process = Start(arguments, []);
        using var hang = new CancellationTokenSource(Hang);
        var output = process.StandardOutput.ReadToEndAsync(hang.Token);
        var error = process.StandardError.ReadToEndAsync(hang.Token);
        try
        {
            await process.WaitForExitAsync(hang.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return (process.ExitCode, await output, await error);
    }

    /// <summary>Asks it to stop, as Kubernetes does, and waits; the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString()]);
        using var hang = new CancellationTokenSource(Hang);
        await kill.WaitForExitAsync(hang.Token);
        await _process.WaitForExitAsync(hang.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static Process Start(IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> variables)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "gpu-scheduler.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in new[] { "KUBECONFIG", "KUBERNETES_SERVICE_HOST", "HOME" }) start.Environment.Remove(name);
        foreach (var (name, value) in variables) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
