using GpuScheduler.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GpuScheduler.Server.Tests.Hosting;

public sealed class SocketThreadsTests
{
    [Fact]
    public async Task Leave_CalledOnAThreadOfItsOwn_GoesOnInThePool()
    {
        await using var services = new ServiceCollection().BuildServiceProvider();
        var app = new ApplicationBuilder(services);
        SocketThreads.Leave(app);
        var answeredInPool = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Run(_ =>
        {
            answeredInPool.SetResult(Thread.CurrentThread.IsThreadPoolThread);
            return Task.CompletedTask;
        });
        var pipeline = app.Build();

        var socketThread = new Thread(() => _ = pipeline(new DefaultHttpContext()));
        socketThread.Start();

        Assert.True(await answeredInPool.Task);
        socketThread.Join();
    }
}
