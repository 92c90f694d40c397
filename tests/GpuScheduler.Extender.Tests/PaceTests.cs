using System.Text;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Testing;

namespace GpuScheduler.Extender.Tests;

public sealed class PaceTests : IAsyncLifetime, IFilterPace
{
    private readonly Pod _pod = MakePod.Named("p").Gpus(1).Build();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayGoOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ExtenderServer _server = null!;

    public async Task InitializeAsync() => _server = await ExtenderServer.StartAsync(
        new ExtenderHarness(pace: this).With(MakeNode.Named("n1").Gpus(1).Build(), MakeNode.Named("n2").Gpus(1).Build(), MakeNode.Named("none").Build()).Verbs);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    Task IFilterPace.WaitAsync(CancellationToken cancellationToken)
    {
        _asked.SetResult();
        return _mayGoOn.Task.WaitAsync(cancellationToken);
    }

    [Fact]
    public async Task Filter_OneNodeThatFits_IsAnsweredWhenThePaceAllows()
    {
        var answer = PostAsync("filter", "n1");
        await _asked.Task;
        Assert.False(answer.IsCompleted);

        _mayGoOn.SetResult();

        Assert.Equal(["n1"], FilterAnswer.Parse(await answer).Offered);
    }

    [Theory]
    [InlineData("filter", "n1", "n2")]
    [InlineData("filter", "none")]
    [InlineData("prioritize", "n1")]
    public async Task Call_AnythingElse_IsAnsweredAtOnce(string verb, params string[] nodes)
    {
        await PostAsync(verb, nodes);

        Assert.False(_asked.Task.IsCompleted);
    }

    private async Task<string> PostAsync(string verb, params string[] nodes)
    {
        using var content = new StringContent(RequestBody.Args(_pod, nodes), Encoding.UTF8, "application/json");
        using var response = await _server.Client.PostAsync($"/scheduler/{verb}", content);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
    }
}
