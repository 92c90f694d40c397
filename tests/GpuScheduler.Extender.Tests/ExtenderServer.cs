using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Extender.Tests;

/// <summary>The verbs behind a real Kestrel.</summary>
internal sealed class ExtenderServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ExtenderServer(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    /// <summary>Calls it.</summary>
    public HttpClient Client { get; }

    /// <summary>Starts it on a free port.</summary>
    /// <param name="verbs">What answers.</param>
    /// <param name="add">Adds services to those of the verbs.</param>
    public static async Task<ExtenderServer> StartAsync(ExtenderVerbs verbs, Action<IServiceCollection>? add = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(verbs);
        add?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseUnknownVerbs();
        app.MapExtender();
        await app.StartAsync();
        return new ExtenderServer(app);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
