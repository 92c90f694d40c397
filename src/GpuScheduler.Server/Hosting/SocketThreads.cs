using GpuScheduler.Kubernetes;

namespace GpuScheduler.Server.Hosting;

/// <summary>
/// Which thread goes on when something has come in on a socket. .NET hands it from the thread that learns of it to one of the pool; for a call that is
/// answered in some ten microseconds that hand-over costs as much as the answer. So the verbs are answered on the thread of the socket itself, of
/// which there is one for each core. What may take longer, reads for people and lists of a whole cluster, leaves it first.
/// </summary>
internal static class SocketThreads
{
    /// <summary>Read once, when a process first uses a socket (dotnet/runtime, <c>SocketAsyncEngine.Unix.cs</c>).</summary>
    private const string Setting = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>Has sockets go on where they are; to be called before the first one. An operator who set the variable keeps what was set.</summary>
    public static void GoOnInline()
    {
        if (Environment.GetEnvironmentVariable(Setting) is null) Environment.SetEnvironmentVariable(Setting, "1");
    }

    /// <summary>Has what comes after go on on threads of the pool.</summary>
    public static void Leave(IApplicationBuilder app) => app.Use(async (HttpContext context, RequestDelegate next) =>
    {
        await SocketThread.LeaveAsync();
        await next(context);
    });
}
