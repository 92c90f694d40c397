using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GpuScheduler.Server.Tests.Access;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Running;

public sealed class CommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-scheduler-").FullName;

    [Theory]
    [InlineData("serv", "unknown command 'serv'; did you mean 'serve'?")]
    [InlineData("serve --nodez 4", "unknown option '--nodez'; did you mean '--nodes'?")]
    [InlineData("--nodez 4", "unknown option '--nodez'; did you mean '--nodes'?")]
    [InlineData("serve --nodes", "--nodes")]
    [InlineData("serve extra", "'extra' is one argument too many")]
    [InlineData("serve --nodes many --seed few", "--seed: 'few' is not a whole number")]
    [InlineData("--urls ftp://127.0.0.1:1", "--urls: 'ftp://127.0.0.1:1' is not an http or https URL with a port")]
    [InlineData("serve --config /no/such.yaml", "/no/such.yaml: cannot be read")]
    [InlineData("serve --set scoring.strategy=Fastest", "'Fastest' is not one of ")]
    [InlineData("serve --set topology.levels=[a,b}c]", "--set: 'b}c' is not a label key")]
    [InlineData("inspect -o xml", "--output: 'xml' is not one of table, wide, json, yaml")]
    [InlineData("completion tcsh", "shell: 'tcsh' is not one of bash, zsh, fish")]
    [InlineData("version -o json", "unknown option '-o'; there are none")]
    [InlineData("config --set nonsense", "unknown section 'nonsense'")]
    [InlineData("generate --load 2", "--load: '2' is not a number from 0 to 1")]
    public async Task WrongCommandLine_EndsWithTwoAndSaysWhy(string arguments, string expected)
    {
        var (exitCode, output, error) = await ServerProcess.RunAsync(arguments.Split(' '));
        Assert.Equal(2, exitCode);
        Assert.Contains($"error: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Empty(output);
    }

    [Fact]
    public async Task Serve_FileThatIsNotThere_EndsWithOneAndSaysWhy()
    {
        var (exitCode, _, error) = await ServerProcess.RunAsync("serve", "--urls", "http://127.0.0.1:0", "--cluster", "file:/no/such.json");
        Assert.Equal(1, exitCode);
        Assert.StartsWith("error: /no/such.json cannot be loaded", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_PortThatIsTaken_EndsWithOneAndSaysWhatToDo()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://{other.LocalEndpoint}";
        var (exitCode, _, error) = await ServerProcess.RunAsync("serve", "--cluster", "embedded", "--nodes", "1", "--urls", url);
        Assert.Equal(1, exitCode);
        Assert.StartsWith($"error: cannot listen on {url}", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("--urls", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serve_Terminated_EndsWithZero()
    {
        await using var service = await ServerProcess.StartAsync("--nodes", "10");
        Assert.Equal(0, await service.TerminateAsync());
        Assert.DoesNotContain("Exception", await service.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Serve_LiveClusterTerminated_EndsWithZeroWhetherOrNotItAnswers(bool answers)
    {
        var api = await FakeApiServer.StartAsync();
        await using var closing = api;
        var kubeconfig = api.WriteKubeconfig(_folder);
        if (!answers) await api.DisposeAsync();
        await using var service = await ServerProcess.StartAsync("--cluster", "kubernetes", "--set", $"kubernetes.kubeconfig={kubeconfig}");
        using var stream = await service.Client.GetAsync("/api/v1/stream", HttpCompletionOption.ResponseHeadersRead);

        Assert.Equal(0, await service.TerminateAsync());

        var log = await service.Errors;
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        Assert.DoesNotContain("OperationCanceled", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "gpu-scheduler serve --config gpu-scheduler.yaml")]
    [InlineData("serve --help", "--cluster <SOURCE>")]
    [InlineData("generate --help", "gpu-scheduler generate --nodes 200 --seed 1 --out cluster.json")]
    [InlineData("config --help", "gpu-scheduler config > gpu-scheduler.yaml")]
    [InlineData("version", "runtime .NET 10")]
    public async Task Help_ShowsExamples(string arguments, string expected)
    {
        var (exitCode, output, error) = await ServerProcess.RunAsync(arguments.Split(' '));
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_ReadBack_IsTheSameWithWhatTheCommandLineSets()
    {
        var (_, first, _) = await ServerProcess.RunAsync("config", "--nodes", "17", "--set", "topology.presets=[aws, gke]");
        var file = Path.Combine(_folder, "c.yaml");
        await File.WriteAllTextAsync(file, first);
        var (exitCode, second, error) = await ServerProcess.RunAsync("config", "--config", file);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Equal(first, second);
        Assert.Contains("nodes: 17", first, StringComparison.Ordinal);
        Assert.Contains("presets: [aws, gke]", first, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_Served_GivesTheEmbeddedCluster()
    {
        var file = Path.Combine(_folder, "cluster.json");
        var (exitCode, _, _) = await ServerProcess.RunAsync("generate", "--nodes", "60", "--seed", "9", "--load", "0.5", "--out", file);
        Assert.Equal(0, exitCode);

        await using var fromFile = await ServerProcess.StartAsync("--cluster", $"file:{file}");
        await using var embedded = await ServerProcess.StartAsync("--cluster", "embedded", "--nodes", "60", "--seed", "9", "--load", "0.5");
        Assert.Equal(await ItemsAsync(embedded), await ItemsAsync(fromFile));
    }

    [Fact]
    public async Task Generate_ToStandardOutput_IsJsonAlone()
    {
        var (exitCode, output, _) = await ServerProcess.RunAsync("generate", "--nodes", "3");
        Assert.Equal(0, exitCode);
        using var list = JsonDocument.Parse(output);
        Assert.Equal(3, list.RootElement.GetProperty("items").GetArrayLength());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> ItemsAsync(ServerProcess service)
    {
        using var list = JsonDocument.Parse(await service.Client.GetStringAsync("/api/v1/nodes"));
        return list.RootElement.GetProperty("items").GetRawText();
    }
}
