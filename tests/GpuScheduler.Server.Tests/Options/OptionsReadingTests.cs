using GpuScheduler.Core.Resources;
using GpuScheduler.Server.Options;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Server.Tests.Options;

public sealed class OptionsReadingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("server:\nscoring: {}\n")]
    public void ReadYaml_NothingSet_KeepsDefaults(string yaml)
    {
        var reading = Read(yaml);
        Assert.Empty(reading.Problems);
        Assert.Equal(OptionsWriter.WriteYaml(new GpuSchedulerOptions()), OptionsWriter.WriteYaml(reading.Options));
    }

    [Fact]
    public void ReadYaml_EverySort_IsSet()
    {
        var reading = Read(
            """
            server:
              urls: [http://0.0.0.0:9000/, "http://[::1]:9001"]
              keepAlive: 1m30s
            logging: { level: Warning, format: JSON }
            cluster:
              source: file:nodes.yaml
              load: 0.25
              seed: -3
            scoring:
              strategy: requestedtocapacityratio
              shape: [0=10, 80=5, 100=0]
            topology:
              levels:
                - example.com/row
                - example.com/rack
            resources:
              gpus:
                example.com/gpu: Whole
                example.com/share: milli
            leaderElection:
              enabled: true
            """);

        Assert.Empty(reading.Problems);
        var options = reading.Options;
        Assert.Equal(["http://0.0.0.0:9000", "http://[::1]:9001"], options.Server.Urls);
        Assert.Equal(TimeSpan.FromSeconds(90), options.Server.KeepAlive);
        Assert.Equal((LogLevel.Warning, LogFormat.Json), (options.Logging.Level, options.Logging.Format));
        Assert.Equal(("file:nodes.yaml", 0.25, -3L), (options.Cluster.Source, options.Cluster.Load, options.Cluster.Seed));
        Assert.Equal("RequestedToCapacityRatio", options.Scoring.Strategy);
        Assert.Equal([new(0, 10), new(80, 5), new(100, 0)], options.Scoring.Shape);
        Assert.Equal(["example.com/row", "example.com/rack"], options.Topology.Levels);
        Assert.Equal(GpuResourceKind.Whole, options.Resources.Gpus["example.com/gpu"]);
        Assert.Equal(GpuResourceKind.Milli, options.Resources.Gpus["example.com/share"]);
        Assert.True(options.LeaderElection.Enabled);
    }

    [Fact]
    public void ReadYaml_ManyMistakes_AreAllToldWithTheirPlaces()
    {
        var reading = Read(
            """
            servr:
              urls: x
            server:
              url: http://127.0.0.1:1
              maxBodyMiB: lots
              urls:
                - http://127.0.0.1:8888
                - ftp://127.0.0.1:8889
            logging: loud
            cluster:
              nodes: { a: 1 }
              assumedLifetime: 5 minutes
            leaderElection:
              renewDeadline: 20s
            """);

        Assert.Equal(
            [
                "c.yaml:1:1: unknown section 'servr'; did you mean 'server'?",
                "c.yaml:4:3: unknown option 'server.url'; did you mean 'urls'?",
                "c.yaml:5:15: server.maxBodyMiB: 'lots' is not a whole number from 1 to 1024; write digits only, e.g. 1",
                "c.yaml:8:7: server.urls: 'ftp://127.0.0.1:8889' is not an http or https URL with a port; write e.g. http://127.0.0.1:8888 or https://0.0.0.0:8443; port 0 takes a free one",
                "c.yaml:9:10: logging: expected options such as 'level:', found 'loud'",
                "c.yaml:11:10: cluster.nodes: expected one value (a whole number from 0 to 100000), found a map",
                "c.yaml:12:20: cluster.assumedLifetime: '5 minutes' is not a duration from 1s to 1h; write a number and its unit, e.g. 500ms, 30s, 5m or 1m30s",
                "c.yaml:14:3: leaderElection.renewDeadline: renewDeadline 20s must be shorter than leaseDuration 15s, or two may lead at once",
            ],
            reading.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("server: [\n", "c.yaml:2:1: not valid YAML")]
    [InlineData("a: 1\na: 2\n", "c.yaml:2:")]
    [InlineData("- server", "c.yaml:1:1: expected sections")]
    public void ReadYaml_NotAConfiguration_SaysWhere(string yaml, string expected)
    {
        var problem = Assert.Single(Read(yaml).Problems);
        Assert.StartsWith(expected, problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scoring: { shape: [10=1, 10=2] }", "utilisations must rise")]
    [InlineData("scoring: { shape: [] }", "at least one point")]
    [InlineData("scoring: { shape: [101=1] }", "'101=1' is not")]
    [InlineData("scoring: { cpuWeight: 0, memoryWeight: 0, gpuWeight: 0 }", "all weights are 0")]
    [InlineData("topology: { levels: [a, a] }", "twice")]
    [InlineData("topology: { presets: [azure] }", "'azure' is not one of")]
    [InlineData("resources: { gpus: { gpu: Whole } }", "full name")]
    [InlineData("resources: { gpus: { a/b: Half } }", "'Half' is not one of")]
    [InlineData("server: { urls: [] }", "at least one address")]
    [InlineData("server: { urls: [http://example.com:80] }", "'http://example.com:80' is not")]
    [InlineData("server: { urls: [http://127.0.0.1:99999] }", "is not an http or https URL")]
    [InlineData("cluster: { source: 'file:' }", "'file:' is not auto, embedded, kubernetes or file:PATH")]
    [InlineData("cluster: { load: 1.5 }", "not a number from 0 to 1")]
    [InlineData("extender: { path: scheduler }", "not a path")]
    [InlineData("health: { unhealthyConditions: [XIDErrors=true] }", "'XIDErrors=true' is not TYPE=STATUS")]
    [InlineData("health: { unhealthyConditions: [XIDErrors] }", "'XIDErrors' is not TYPE=STATUS")]
    [InlineData("leaderElection: { leaseName: My_Lease }", "not a Kubernetes object name")]
    [InlineData("server: { urls: [\"https://127.0.0.1:1\"] }", "an https address needs tls.certificateFile and tls.keyFile")]
    [InlineData("tls: { certificateFile: a, keyFile: b }", "no address in server.urls or server.apiUrls is https")]
    [InlineData("tls: { clientCaFile: a }", "no caller could show a certificate")]
    [InlineData("{ server: { urls: \"https://[::1]:1\" }, tls: { certificateFile: a, keyFile: b }, cluster: { demo: true } }", "has no certificates")]
    [InlineData("tls: { clientNames: a }", "needs tls.clientCaFile")]
    [InlineData("leaderElection: { retryPeriod: 9s }", "more than 1.2 times")]
    [InlineData("leaderElection: { leaseDuration: 15s500ms }", "whole seconds")]
    public void ReadYaml_WrongValue_SaysWhatIsWrong(string yaml, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(yaml).Problems).ToString(), StringComparison.Ordinal);

    [Fact]
    public void ReadFile_Missing_SaysSo() =>
        Assert.Contains("/no/such.yaml: cannot be read", Assert.Single(Read(reading => reading.ReadFile("/no/such.yaml")).Problems).ToString(), StringComparison.Ordinal);

    [Fact]
    public void Set_AfterFile_GoesOverIt()
    {
        var reading = Read(r =>
        {
            r.ReadYaml("c.yaml", "cluster: { nodes: 5, seed: 6 }");
            r.Set("--nodes", "cluster.nodes", "7");
        });
        Assert.Equal((7, 6L), (reading.Options.Cluster.Nodes, reading.Options.Cluster.Seed));
    }

    [Fact]
    public void Set_MapAndList_TakeSeveral()
    {
        var reading = Read(r =>
        {
            r.Set("--set", "resources.gpus", "a.b/c=Whole", "a.b/d=Replica");
            r.Set("--set", "scoring.shape", "0=0", "50=10");
        });
        Assert.Empty(reading.Problems);
        Assert.Equal(GpuResourceKind.Replica, reading.Options.Resources.Gpus["a.b/d"]);
        Assert.Equal(2, reading.Options.Scoring.Shape.Count);
    }

    [Theory]
    [InlineData("scoring.stratgy", "unknown option 'scoring.stratgy'; did you mean 'scoring.strategy'?")]
    [InlineData("scorin.strategy", "unknown section 'scorin'; did you mean 'scoring'?")]
    public void Set_Unknown_Suggests(string path, string expected) =>
        Assert.Equal($"--set: {expected}", Assert.Single(Read(r => r.Set("--set", path, "x")).Problems).ToString());

    private static OptionsReading Read(string yaml) => Read(reading => reading.ReadYaml("c.yaml", yaml));

    private static OptionsReading Read(Action<OptionsReading> read)
    {
        var reading = new OptionsReading();
        read(reading);
        reading.CheckTogether();
        return reading;
    }
}
