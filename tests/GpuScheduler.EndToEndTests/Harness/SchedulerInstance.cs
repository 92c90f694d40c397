using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace GpuScheduler.EndToEndTests.Harness;

/// <summary>Our executable as a process, against a control plane.</summary>
internal sealed class SchedulerInstance : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _http;

    private SchedulerInstance(ChildProcess process, int port)
    {
        _process = process;
        Port = port;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) };
    }

    public int Port { get; }

    /// <summary>The processor time it has used so far.</summary>
    public TimeSpan ProcessorTime => _process.ProcessorTime;

    /// <summary>Starts it; it may not be ready yet.</summary>
    /// <param name="plane">The control plane it works for.</param>
    /// <param name="kubeconfig">Whose rights it has.</param>
    /// <param name="name">Names its log file and its identity in the lease.</param>
    /// <param name="port">The port it listens on.</param>
    /// <param name="replicated">Whether it is one of several replicas, which elect a leader.</param>
    /// <param name="settings">Further options, each <c>name=value</c>.</param>
    public static SchedulerInstance Start(
        ControlPlane plane, string kubeconfig, string name, int port, bool replicated, params IEnumerable<string> settings)
    {
        // A published build, compiled ahead, where one is to be measured; otherwise the one built with the tests.
        var dll = Environment.GetEnvironmentVariable("GPU_SCHEDULER_PUBLISHED") is { Length: > 0 } folder ? Path.Combine(folder, "gpu-scheduler.dll")
            : Path.Combine(AppContext.BaseDirectory, "gpu-scheduler.dll");
        var config = plane.In($"{name}.yaml");
        File.WriteAllText(config, $$"""
            kubernetes:
              kubeconfig: {{kubeconfig}}
            leaderElection:
              enabled: {{(replicated ? "true" : "false")}}
              leaseNamespace: gpu-scheduler
            """);
        var process = ChildProcess.Start(
            "dotnet",
            [
                dll, "serve", "--cluster", "kubernetes", "--config", config,
                "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"),
                .. settings.SelectMany(setting => (string[])["--set", setting]),
            ],
            plane.In($"{name}.log"));
        return new SchedulerInstance(process, port);
    }

    public async Task<bool> IsReadyAsync()
    {
        using var response = await _http.GetAsync("/readyz");
        return response.IsSuccessStatusCode;
    }

    public Task WaitUntilReadyAsync() =>
        Eventually.HoldsAsync($"the instance on port {Port} is ready", TimeSpan.FromSeconds(90), IsReadyAsync);

    public async Task<string> ReadinessAsync()
    {
        using var response = await _http.GetAsync("/readyz");
        return await response.Content.ReadAsStringAsync();
    }

    public Task<JsonElement> GetAsync(string path) => _http.GetFromJsonAsync<JsonElement>(path);

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>SIGTERM.</summary>
    public Task<int> TerminateAsync() => _process.TerminateAsync();

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _http.Dispose();
    }
}
