using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GpuScheduler.Server.Tests.Running;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Access;

/// <summary>The executable, which takes the tokens of a file and those of an API server.</summary>
public sealed class AccessService : IAsyncLifetime
{
    internal string Folder { get; } = Directory.CreateTempSubdirectory("gpu-scheduler-access-").FullName;

    internal FakeApiServer Api { get; private set; } = null!;

    internal ServerProcess Process { get; private set; } = null!;

    internal string Tokens => Path.Combine(Folder, "tokens");

    public async Task InitializeAsync()
    {
        Api = await FakeApiServer.StartAsync();
        Api.AnswerReviews();
        await File.WriteAllTextAsync(Tokens, "# of the team\nfile-token\n");
        Process = await ServerProcess.StartAsync(
            "serve", "--cluster", "embedded", "--nodes", "20", "--set", $"access.tokenFile={Tokens}", "--set", "access.tokenReview=true",
            "--set", $"kubernetes.kubeconfig={Api.WriteKubeconfig(Folder)}");
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        await Api.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

public sealed class AccessServiceTests(AccessService service) : IClassFixture<AccessService>
{
    [Theory]
    [InlineData("file-token", "/metrics")]
    [InlineData("file-token", "/version")]
    [InlineData("file-token", "/gpushare-scheduler/inspect")]
    [InlineData(Reviews.Good, "/metrics")]
    [InlineData(Reviews.Good, "/api/v1/nodes")]
    public async Task Read_GoodToken_IsAnswered(string token, string path)
    {
        using var answer = await GetAsync(path, token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Read_WithoutAToken_Is401AndSaysHowToGetIn()
    {
        using var answer = await GetAsync("/metrics", null);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer realm=\"gpu-scheduler\"", answer.Headers.WwwAuthenticate.Single().ToString());
        var error = await ErrorOf(answer);
        foreach (var part in (string[])["/metrics needs a bearer token", "Authorization: Bearer TOKEN", "access.tokenFile", "kubectl create token"])
        {
            Assert.Contains(part, error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("made-up")]
    [InlineData("file-toke")]
    public async Task Read_WrongToken_Is401(string token)
    {
        using var answer = await GetAsync("/api/v1/nodes", token);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("error=\"invalid_token\"", answer.Headers.WwwAuthenticate.Single().ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(token, await ErrorOf(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_UserWithoutTheRight_Is403AndNamesTheRole()
    {
        using var answer = await GetAsync("/metrics", Reviews.Stranger);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var error = await ErrorOf(answer);
        Assert.Contains("system:serviceaccount:monitoring:stranger may not get /metrics", error, StringComparison.Ordinal);
        Assert.Contains("nonResourceURLs", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbs_WithoutAToken_AreAnswered()
    {
        using var answer = await service.Process.Client.PostAsync("/scheduler/filter", new StringContent("""{"Pod":{"metadata":{"name":"p"}},"NodeNames":[]}""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Stream_WithAToken_BeginsWithTheCluster()
    {
        using var request = Request("/api/v1/stream", Reviews.Good);
        using var answer = await service.Process.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());

        Assert.Equal("event: cluster", await reader.ReadLineAsync());
    }

    [Theory]
    [InlineData("--token", Reviews.Good)]
    [InlineData("--token-file", null)]
    public async Task Cli_WithAToken_Answers(string option, string? token)
    {
        var (exitCode, output, error) = await ServerProcess.RunAsync("inspect", "--server", service.Process.Urls[0].ToString(), option, token ?? service.Tokens);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("a100-a01-n01", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cli_WithoutAToken_TellsWhatTheServiceSays()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("top", "--once", "--server", service.Process.Urls[0].ToString());

        Assert.Equal(1, exitCode);
        Assert.Contains("needs a bearer token", error, StringComparison.Ordinal);
        Assert.Contains("--token-file FILE", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FileWithoutTokens_SaysSo()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("serve", "--cluster", "embedded", "--set", "access.tokenFile=/dev/null", "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, exitCode);
        Assert.Contains("error: access.tokenFile: /dev/null holds no token", error, StringComparison.Ordinal);

        (exitCode, _, error) = await ServerProcess.RunAsync("serve", "--cluster", "embedded", "--set", "access.tokenReview=true", "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, exitCode);
        Assert.Contains("error: access.tokenReview needs an API server to ask", error, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> GetAsync(string path, string? token) => service.Process.Client.SendAsync(Request(path, token));

    private static HttpRequestMessage Request(string path, string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private static async Task<string> ErrorOf(HttpResponseMessage answer)
    {
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync());
        return body.RootElement.GetProperty("error").GetString()!;
    }
}
