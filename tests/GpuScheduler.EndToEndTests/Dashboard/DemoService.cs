using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using GpuScheduler.EndToEndTests.Harness;

namespace GpuScheduler.EndToEndTests.Dashboard;

/// <summary>Our executable on an embedded cluster, or on the one that is given to it.</summary>
internal sealed class DemoService : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly string _folder;

    private DemoService(ChildProcess process, string folder, Uri address)
    {
        _process = process;
        _folder = folder;
        Http = new HttpClient { BaseAddress = address };
    }

    public HttpClient Http { get; }

    public Uri Address => Http.BaseAddress!;

    public static async Task<DemoService> StartAsync(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("gpu-scheduler-page-").FullName;
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}");
        var process = ChildProcess.Start(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "gpu-scheduler.dll"), "serve", "--urls", url, .. arguments.Contains("--cluster") ? [] : new[] { "--cluster", "embedded" }, .. arguments],
            Path.Combine(folder, "service.log"));
        var service = new DemoService(process, folder, new Uri(url));
        await Eventually.HoldsAsync("the service is ready", TimeSpan.FromMinutes(2), async () => (await service.Http.GetAsync(new Uri("/readyz", UriKind.Relative))).IsSuccessStatusCode);
        return service;
    }

    /// <summary>Binds a pod as kube-scheduler would.</summary>
    public async Task BindAsync(string name, string node, int gpus)
    {
        var pod = new { metadata = new { @namespace = "default", name, uid = name }, spec = new { containers = new[] { new { name = "main", resources = new { limits = new Dictionary<string, string> { ["nvidia.com/gpu"] = $"{gpus}" } } } } } };
        using var filtered = await Http.PostAsJsonAsync(new Uri("/scheduler/filter", UriKind.Relative), new { Pod = pod, NodeNames = new[] { node } });
        filtered.EnsureSuccessStatusCode();
        using var bound = await Http.PostAsJsonAsync(new Uri("/scheduler/bind", UriKind.Relative), new { PodNamespace = "default", PodName = name, PodUID = name, Node = node });
        Assert.Equal("", (await bound.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("Error").GetString());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
