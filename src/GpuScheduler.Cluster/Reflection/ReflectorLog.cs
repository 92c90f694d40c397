using GpuScheduler.Kubernetes;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Cluster.Reflection;

/// <summary>What reflectors have to say; event ids 100 to 119.</summary>
internal sealed partial class ReflectorLog(ILogger log, string resource)
{
    public void ListFailed(ApiStatus status, TimeSpan pause) => LogListFailed(resource, status, pause);

    public void WatchFailed(ApiStatus status, bool relists, TimeSpan pause)
    {
        if (relists) LogWatchLost(resource, status, pause);
        else LogWatchFailed(resource, status, pause);
    }

    public void WatchListRefused(ApiStatus status) => LogWatchListRefused(resource, status);

    public void Unreadable(BadObject bad, bool olderKept)
    {
        if (olderKept) LogOlderKept(resource, bad.Meta.Namespace, bad.Meta.Name, bad.Meta.ResourceVersion, bad.Error.Message);
        else LogUnreadable(resource, bad.Meta.Namespace, bad.Meta.Name, bad.Meta.ResourceVersion, bad.Error.Message);
    }

    public void KeptUnlisted(int count, int unidentified) => LogKeptUnlisted(resource, unidentified, count);

    [LoggerMessage(100, LogLevel.Warning, "Listing {Resource} failed, again in {Pause}: {Status}")]
    private partial void LogListFailed(string resource, ApiStatus status, TimeSpan pause);

    [LoggerMessage(101, LogLevel.Information, "The watch on {Resource} was cut, it goes on from where it was in {Pause}: {Status}")]
    private partial void LogWatchFailed(string resource, ApiStatus status, TimeSpan pause);

    [LoggerMessage(102, LogLevel.Warning, "The watch on {Resource} cannot go on from where it was, a new list begins in {Pause}: {Status}")]
    private partial void LogWatchLost(string resource, ApiStatus status, TimeSpan pause);

    [LoggerMessage(103, LogLevel.Information, "The server does not stream lists of {Resource}, they are listed in pages: {Status}")]
    private partial void LogWatchListRefused(string resource, ApiStatus status);

    [LoggerMessage(104, LogLevel.Error, "{Resource} {Namespace}/{Name} cannot be read in version {Version}, its older version stays in force: {Problem}")]
    private partial void LogOlderKept(string resource, string @namespace, string name, string version, string problem);

    [LoggerMessage(105, LogLevel.Error, "{Resource} {Namespace}/{Name} cannot be read in version {Version} and is not taken into account: {Problem}")]
    private partial void LogUnreadable(string resource, string @namespace, string name, string version, string problem);

    [LoggerMessage(106, LogLevel.Error, "A list of {Resource} held {Unidentified} objects without a readable name: {Count} objects it did not name are kept until the next list")]
    private partial void LogKeptUnlisted(string resource, int unidentified, int count);
}
