using System.Net;
using GpuScheduler.LoadTest.Http;
using GpuScheduler.LoadTest.Load;
using GpuScheduler.LoadTest.Scenarios;

namespace GpuScheduler.LoadTest.Targets;

/// <summary>A server under load: its connections, and what it is asked.</summary>
internal sealed class Target : IDisposable
{
    private readonly HttpConnection[] _connections;

    /// <summary>Opens the connections when they are first used.</summary>
    public Target(Uri url, int? processId, IScenario scenario, int concurrency, ILoadClock clock)
    {
        Url = url;
        ProcessId = processId;
        Scenario = scenario;
        var address = EndPointOf(url);
        _connections = [.. Enumerable.Range(0, concurrency).Select(_ => new HttpConnection(address))];
        Loop = new OpenLoop(clock, _connections);
    }

    /// <summary>Where it is.</summary>
    public Uri Url { get; }

    /// <summary>Its process; null when it is not on this machine.</summary>
    public int? ProcessId { get; }

    /// <summary>What it is asked.</summary>
    public IScenario Scenario { get; }

    /// <summary>Sends.</summary>
    public OpenLoop Loop { get; }

    /// <summary>The address of a URL.</summary>
    /// <exception cref="ArgumentException">It is not plain HTTP.</exception>
    public static IPEndPoint EndPointOf(Uri url)
    {
        if (url.Scheme != Uri.UriSchemeHttp) throw new ArgumentException($"{url}: only plain http can be measured", nameof(url));
        var address = IPAddress.TryParse(url.DnsSafeHost, out var literal) ? literal : Dns.GetHostAddresses(url.DnsSafeHost)[0];
        return new IPEndPoint(address, url.Port);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var connection in _connections) connection.Dispose();
    }
}
