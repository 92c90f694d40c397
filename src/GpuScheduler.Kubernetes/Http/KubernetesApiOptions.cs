namespace GpuScheduler.Kubernetes;

/// <summary>Limits and habits of <see cref="HttpKubernetesApi"/>.</summary>
public sealed record KubernetesApiOptions
{
    /// <summary>User-Agent header, so that an audit log tells who asked.</summary>
    public string UserAgent { get; init; } = "gpu-scheduler";

    /// <summary>How long a single call (get, create, bind, ...) may take in all, and a list or watch until its first bytes.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a list may stand still between two reads.</summary>
    public TimeSpan ListIdleTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a watch may stay silent. Bookmarks come about once a minute, so five minutes of nothing is a dead connection; a false
    /// alarm costs one reconnect from the last version.
    /// </summary>
    public TimeSpan WatchIdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a connection may take to come up.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence on a connection after which it is probed (HTTP/2 PING, TCP keep-alive). client-go: 30 s.</summary>
    public TimeSpan KeepAliveDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the answer to a probe may take before the connection counts as dead. client-go: 15 s.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Sustained writes per second, leases excepted (a renewal must not queue behind a burst of binds). Zero: no limit.</summary>
    public double WritesPerSecond { get; init; } = 2000;

    /// <summary>Writes that may be made at once before <see cref="WritesPerSecond"/> applies.</summary>
    public int WriteBurst { get; init; } = 4000;

    /// <summary>Told of every call, for metrics; runs on the call's own thread and must not throw or block. Null: nobody.</summary>
    public Action<ApiCall>? OnCall { get; init; }

    /// <summary>The clock for every timeout above, the transport's own excepted (connecting, keep-alive).</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
