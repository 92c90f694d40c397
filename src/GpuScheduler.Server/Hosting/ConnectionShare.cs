using Microsoft.AspNetCore.Connections;

namespace GpuScheduler.Server.Hosting;

/// <summary>
/// Keeps the ports of the read API at so many connections together: Kestrel counts those of all ports alike, and dashboards must not take
/// kube-scheduler's.
/// </summary>
/// <param name="most">Connections at a time; a further one is closed, as Kestrel does with its own limit.</param>
internal sealed class ConnectionShare(int most)
{
    private int _open;

    /// <summary>For Kestrel: a connection comes.</summary>
    public ConnectionDelegate Admit(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) <= most) await next(connection);
            else connection.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
