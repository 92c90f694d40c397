using System.Net;
using System.Text;

namespace GpuScheduler.Server.Tests.Running;

public sealed class ApiPortTests
{
    [Fact]
    public async Task Ports_OfTheirOwn_AnswerTheirPartAndHealth()
    {
        await using var service = await ServerProcess.StartAsync(
            "serve", "--cluster", "embedded", "--nodes", "5", "--urls", "http://127.0.0.1:0", "--set", "server.apiUrls=http://127.0.0.1:0");
        var (verbs, api) = (service.Urls[0], service.Urls[1]);

        foreach (var prefix in (string[])["scheduler", "gpushare-scheduler"])
        {
            Assert.Equal(HttpStatusCode.OK, await PostAsync(verbs, $"/{prefix}/filter"));
            Assert.Equal(HttpStatusCode.NotFound, await PostAsync(api, $"/{prefix}/filter"));
        }

        foreach (var path in (string[])["/", "/metrics", "/version", "/api/v1/nodes", "/api/v1/snapshot", "/gpushare-scheduler/inspect"])
        {
            Assert.Equal(HttpStatusCode.NotFound, await GetAsync(verbs, path));
            Assert.Equal(HttpStatusCode.OK, await GetAsync(api, path));
        }

        foreach (var path in (string[])["/livez", "/readyz"])
        {
            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await GetAsync(verbs, path), await GetAsync(api, path)));
        }

        Assert.Contains($"curl -s {api.ToString().TrimEnd('/')}/api/v1/explain", service.Greeting, StringComparison.Ordinal);

        async Task<HttpStatusCode> GetAsync(Uri address, string path)
        {
            using var answer = await service.Client.GetAsync(new Uri(address, path));
            return answer.StatusCode;
        }

        async Task<HttpStatusCode> PostAsync(Uri address, string path)
        {
            using var body = new StringContent("""{"Pod":{"metadata":{"name":"p"}},"NodeNames":[]}""", Encoding.UTF8, "application/json");
            using var answer = await service.Client.PostAsync(new Uri(address, path), body);
            return answer.StatusCode;
        }
    }
}
