using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuScheduler.EndToEndTests.Harness;
using Microsoft.Playwright;
using Xunit.Abstractions;
using static Microsoft.Playwright.Assertions;

namespace GpuScheduler.EndToEndTests.Dashboard;

/// <summary>The dashboard in a real browser.</summary>
public sealed class DashboardTests(Browser browser, ITestOutputHelper output) : IClassFixture<Browser>
{
    private const int MostBytes = 200_000;

    [SkippableTheory]
    [InlineData("light", 1280, 900)]
    [InlineData("dark", 1280, 900)]
    [InlineData("phone", 360, 740)]
    public async Task Page_OnALivingCluster_LoadsWithoutAnErrorAndIsReadable(string name, int width, int height)
    {
        await using var service = await DemoService.StartAsync("--demo", "--load", "0.4");
        await using var watched = await browser.OpenAsync(service.Address, width, height, name == "dark" ? ColorScheme.Dark : ColorScheme.Light);
        var page = watched.Page;
        await Expect(page.Locator("#decisions tr").First).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(page.Locator("#waiting details").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.Locator("#trend polyline").First).ToBeAttachedAsync(new() { Timeout = 30_000 });
        await watched.ShootAsync($"dashboard-{name}");

        Assert.Empty(await page.EvaluateAsync<string[]>(Accessibility.Unnamed));
        Assert.Empty(await page.EvaluateAsync<string[]>(Accessibility.LowContrast));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the window");
        Assert.InRange(watched.Bytes, 1, MostBytes);
        Assert.Empty(watched.Problems);
    }

    [SkippableFact]
    public async Task Map_PodIsBound_ShowsItsGpusAsUsed()
    {
        await using var service = await DemoService.StartAsync("--nodes", "20", "--seed", "3");
        await using var watched = await browser.OpenAsync(service.Address);
        var page = watched.Page;
        await page.Locator("#find").FillAsync("h100");
        await page.Locator("#map").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        var selected = page.Locator("#selected");
        await Expect(selected).ToContainTextAsync("8 of 8 GPUs free");
        var node = (await selected.TextContentAsync())!.Split(':')[0];
        var before = await PixelsAsync(page);

        await service.BindAsync("mover", node, 3);

        await Expect(selected).ToContainTextAsync("5 of 8 GPUs free", new() { Timeout = 5_000 });
        Assert.NotEqual(before, await PixelsAsync(page));
        await Expect(page.Locator("#decisions")).ToContainTextAsync("default/mover");
        Assert.Empty(watched.Problems);
    }

    [SkippableFact]
    public async Task Map_GroupedByDomain_TellsWhatIsFreeThere()
    {
        // Every third node is cordoned: nothing is free there.
        var cluster = JsonNode.Parse(await Cli.RunAsync("generate", "--nodes", "50", "--load", "0.5"))!;
        foreach (var (i, node) in cluster["items"]!.AsArray().Where(item => (string?)item!["kind"] == "Node").Index())
        {
            if (i % 3 == 0) node!["spec"] = new JsonObject { ["unschedulable"] = true };
        }

        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, cluster.ToJsonString());
        await using var service = await DemoService.StartAsync("--cluster", $"file:{file}");
        File.Delete(file);
        await using var watched = await browser.OpenAsync(service.Address);
        var page = watched.Page;
        var level = await page.Locator("#level").InputValueAsync();
        var known = (await service.Http.GetFromJsonAsync<JsonElement>(new Uri("/api/v1/domains", UriKind.Relative))).GetProperty("items").EnumerateArray()
            .Where(domain => domain.GetProperty("level").GetString() == level && domain.GetProperty("gpus").GetInt32() > 0)
            .OrderBy(domain => domain.GetProperty("value").GetString(), StringComparer.Ordinal).ToList();
        Assert.InRange(known.Count, 2, 50);

        await page.Locator("#map").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        var told = new List<string>();
        for (var last = ""; ; await page.Keyboard.PressAsync("PageDown"))
        {
            var heading = (await page.Locator("#domain").TextContentAsync())!;
            if (heading == last) break;
            if (!heading.EndsWith("no whole GPUs", StringComparison.Ordinal)) told.Add(heading);
            last = heading;
        }

        Assert.Equal(known.Select(Heading), told);
        Assert.Empty(watched.Problems);

        static string Heading(JsonElement domain)
        {
            var largest = domain.GetProperty("nodesByFreeGpus").EnumerateObject().Max(entry => int.Parse(entry.Name, CultureInfo.InvariantCulture));
            return $"{domain.GetProperty("value").GetString()}: free {domain.GetProperty("gpusFree").GetInt32()} of {domain.GetProperty("gpus").GetInt32()} GPUs, largest free node {largest}";
        }
    }

    [SkippableFact]
    public async Task Token_Asked_IsKeptForTheTabAndNeverInAnAddress()
    {
        var tokens = Path.GetTempFileName();
        await File.WriteAllTextAsync(tokens, "right-token\n");
        await using var service = await DemoService.StartAsync("--nodes", "20", "--set", $"access.tokenFile={tokens}");
        await using var watched = await browser.OpenClosedAsync(service.Address);
        var page = watched.Page;
        var addresses = new List<string>();
        page.Request += (_, request) => addresses.Add(request.Url);

        await Expect(page.Locator("#access")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Expect(page.Locator("#access-reason")).ToContainTextAsync("needs a bearer token");
        await watched.ShootAsync("dashboard-token");
        Assert.Empty(await page.EvaluateAsync<string[]>(Accessibility.Unnamed));
        Assert.Empty(await page.EvaluateAsync<string[]>(Accessibility.LowContrast));
        await page.Locator("#token").FillAsync("wrong-token");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#access-reason")).ToContainTextAsync("is not accepted");
        await page.Locator("#token").FillAsync("right-token");
        await page.Keyboard.PressAsync("Enter");

        await Expect(page.Locator("#connection")).ToHaveTextAsync("live", new() { Timeout = 30_000 });
        await Expect(page.Locator("#access")).ToBeHiddenAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("#connection")).ToHaveTextAsync("live", new() { Timeout = 30_000 });
        Assert.DoesNotContain(addresses, address => address.Contains("token", StringComparison.Ordinal));
        Assert.Null(await page.EvaluateAsync<string?>("localStorage.getItem('gpu-scheduler-token')"));
        // The browser itself tells of answers that are errors.
        Assert.All(watched.Problems, problem => Assert.Contains("401", problem, StringComparison.Ordinal));
        File.Delete(tokens);
    }

    [SkippableFact]
    public async Task Keyboard_FromTheMapToANodeAndBack_NeedsNoMouse()
    {
        await using var service = await DemoService.StartAsync("--nodes", "50", "--load", "0.5");
        await using var watched = await browser.OpenAsync(service.Address);
        var page = watched.Page;

        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#map").FocusAsync();
        foreach (var key in (string[])["Home", "ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft", "End", "Enter"]) await page.Keyboard.PressAsync(key);
        var drawer = page.Locator("#drawer");
        await Expect(drawer).ToBeVisibleAsync();
        await Expect(drawer.Locator("h3").First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(drawer).ToBeHiddenAsync();
        Assert.Empty(watched.Problems);
    }

    [SkippableFact]
    public async Task Explain_PastedManifest_IsAnsweredInWords()
    {
        await using var service = await DemoService.StartAsync("--nodes", "50", "--load", "0.9");
        await using var watched = await browser.OpenAsync(service.Address);
        var page = watched.Page;

        await page.Locator("#manifest").FillAsync("spec: {containers: [{name: main, resources: {limits: {nvidia.com/gpu: 99}}}]}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await Expect(page.Locator("#explanation")).ToContainTextAsync("Insufficient nvidia.com/gpu");
        await page.Locator("#manifest").FillAsync("spec: [");
        await page.GetByRole(AriaRole.Button, new() { Name = "Explain" }).ClickAsync();
        await Expect(page.Locator("#explanation > .wrong")).ToBeVisibleAsync();
        Assert.DoesNotContain("Insufficient", await page.Locator("#explanation").TextContentAsync() ?? "", StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Map_FiveThousandNodes_ScrollsAndFilters()
    {
        await using var service = await DemoService.StartAsync("--nodes", "5000", "--load", "0.6");
        await using var watched = await browser.OpenAsync(service.Address);
        var page = watched.Page;
        await Expect(page.Locator("#figures")).ToContainTextAsync("5,000");

        var frames = await page.EvaluateAsync<double[]>("""
            async () => {
              const box = document.getElementById('map'), times = [];
              let last = performance.now();
              for (let i = 0; i < 60; i++) {
                box.scrollTop += 40;
                await new Promise(requestAnimationFrame);
                const now = performance.now();
                times.push(now - last);
                last = now;
              }
              return times.sort((a, b) => a - b);
            }
            """);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"frames while scrolling 5,000 nodes: median {frames[30]:0.0} ms, longest {frames[^1]:0.0} ms"));
        await page.Locator("#find").FillAsync("h100-a01");
        await page.Locator("#map").FocusAsync();
        await page.Keyboard.PressAsync("Home");
        await Expect(page.Locator("#selected")).ToContainTextAsync("h100-a01");
        await watched.ShootAsync("dashboard-5000");
        Assert.Empty(watched.Problems);
    }

    private static Task<string> PixelsAsync(IPage page) => page.EvaluateAsync<string>("document.getElementById('canvas').toDataURL()");
}
