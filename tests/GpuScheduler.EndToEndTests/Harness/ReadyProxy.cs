using System.Net;
using System.Net.Sockets;

namespace GpuScheduler.EndToEndTests.Harness;

/// <summary>Stands for the Kubernetes Service: one address that leads to whichever instance is ready. Connections are passed through byte by byte.</summary>
internal sealed class ReadyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Task<int?>> _choosePort;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    /// <param name="choosePort">The port of a ready instance; null when none is, which closes the connection.</param>
    public ReadyProxy(Func<Task<int?>> choosePort)
    {
        _choosePort = choosePort;
        _listener.Start();
        _running = Task.Run(RunAsync);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = PassAsync(client);
            }
            catch (Exception problem) when (problem is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task PassAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (await _choosePort() is not { } port) return;
                using var server = new TcpClient();
                await server.ConnectAsync(IPAddress.Loopback, port, _stop.Token);
                await Task.WhenAny(
                    client.GetStream().CopyToAsync(server.GetStream(), _stop.Token),
                    server.GetStream().CopyToAsync(client.GetStream(), _stop.Token));
            }
            catch (Exception problem) when (problem is OperationCanceledException or SocketException or IOException or HttpRequestException)
            {
                // The client sees its connection closed, as it would behind a Service whose endpoint went away.
            }
        }
    }
}
