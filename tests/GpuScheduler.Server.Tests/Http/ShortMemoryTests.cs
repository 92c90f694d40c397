using GpuScheduler.Server.Http;
using GpuScheduler.Testing;

namespace GpuScheduler.Server.Tests.Http;

public sealed class ShortMemoryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Get_MoreKeysThanRoom_ForgetsTheOldestAndNeverGrows()
    {
        var asked = new List<int>();
        var memory = new ShortMemory<int, int>(3, _ => TimeSpan.FromMinutes(1), _time);
        foreach (var key in (int[])[1, 2, 3, 1, 4, 1, 4, 3]) Assert.Equal(key, await GetAsync(memory, key, asked));

        Assert.Equal([1, 2, 3, 4, 1], asked);
    }

    [Fact]
    public async Task Get_FailedAnswer_IsAskedAnew()
    {
        var memory = new ShortMemory<int, int>(3, _ => TimeSpan.FromMinutes(1), _time);
        await Assert.ThrowsAsync<IOException>(() => memory.GetAsync(1, () => throw new IOException("away"), default));

        Assert.Equal(7, await memory.GetAsync(1, () => Task.FromResult(7), default));
    }

    [Fact]
    public async Task Get_CallerGoesAway_LeavesTheAnswerToTheOthers()
    {
        var answer = new TaskCompletionSource<int>();
        var memory = new ShortMemory<int, int>(3, _ => TimeSpan.FromMinutes(1), _time);
        using var gone = new CancellationTokenSource();
        var first = memory.GetAsync(1, () => answer.Task, gone.Token);
        var second = memory.GetAsync(1, () => throw new InvalidOperationException("asked twice"), default);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        answer.SetResult(5);

        Assert.Equal(5, await second);
    }

    private static Task<int> GetAsync(ShortMemory<int, int> memory, int key, List<int> asked) => memory.GetAsync(
        key,
        () =>
        {
            asked.Add(key);
            return Task.FromResult(key);
        },
        default);
}
