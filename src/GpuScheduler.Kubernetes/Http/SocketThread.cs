namespace GpuScheduler.Kubernetes;

/// <summary>
/// The thread that learns of what comes in on sockets. A host may have whatever waits for a socket go on on it; there, long work would hold up all other
/// sockets.
/// </summary>
public static class SocketThread
{
    /// <summary>Goes on on a thread of the pool.</summary>
    public static async ValueTask LeaveAsync() => await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
}
