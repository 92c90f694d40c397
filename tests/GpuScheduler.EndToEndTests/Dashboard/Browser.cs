using Microsoft.Playwright;

namespace GpuScheduler.EndToEndTests.Dashboard;

/// <summary>A headless Chromium: the one <c>CHROMIUM</c> names, or Debian's.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string Executable = Environment.GetEnvironmentVariable("CHROMIUM") is { Length: > 0 } named ? named : "/usr/bin/chromium";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async Task InitializeAsync()
    {
        if (!File.Exists(Executable)) return;
        // Long enough for a machine with other work: only what has to be quick is given less where it is looked for.
        Assertions.SetDefaultExpectTimeout(30_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>A page of a service that wants a token first.</summary>
    internal async Task<WatchedPage> OpenClosedAsync(Uri address)
    {
        Skip.If(_browser is null, $"there is no {Executable}; install chromium or name it in CHROMIUM");
        var context = await _browser!.NewContextAsync();
        var watched = new WatchedPage(context, await context.NewPageAsync(), address);
        await watched.Page.GotoAsync(address.ToString());
        return watched;
    }

    /// <summary>A page that remembers everything that went wrong on it; a skipped test without a browser.</summary>
    internal async Task<WatchedPage> OpenAsync(Uri address, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        Skip.If(_browser is null, $"there is no {Executable}; install chromium or name it in CHROMIUM");
        var context = await _browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme });
        var watched = new WatchedPage(context, await context.NewPageAsync(), address);
        await watched.Page.GotoAsync(address.ToString());
        await Assertions.Expect(watched.Page.Locator("#connection")).ToHaveTextAsync("live");
        await Assertions.Expect(watched.Page.Locator("#figures dd").First).ToBeVisibleAsync();
        return watched;
    }
}

/// <summary>A page and what went wrong on it.</summary>
internal sealed class WatchedPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _problems = [];
    private long _bytes;

    public WatchedPage(IBrowserContext context, IPage page, Uri address)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) => Note(message.Type is "error" or "warning" ? $"console: {message.Text}" : null);
        page.PageError += (_, error) => Note($"error: {error}");
        page.Request += (_, request) => Note(new Uri(request.Url).Authority == address.Authority ? null : $"asked {request.Url}");
        page.Response += async (_, response) =>
        {
            if (response.Ok && !response.Url.Contains("/api/", StringComparison.Ordinal)) Interlocked.Add(ref _bytes, (await response.BodyAsync()).Length);
        };
    }

    public IPage Page { get; }

    /// <summary>What the console, the page or the network complained of.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (_problems) return [.. _problems];
        }
    }

    /// <summary>Bytes of the page and its files.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Keeps a picture where <c>GPU_SCHEDULER_SCREENSHOTS</c> names a folder.</summary>
    public async Task ShootAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("GPU_SCHEDULER_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}.png"), FullPage = true });
        }
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Note(string? problem)
    {
        if (problem is null) return;
        lock (_problems) _problems.Add(problem);
    }
}
