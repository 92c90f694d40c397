using System.Diagnostics;

namespace GpuScheduler.EndToEndTests.Harness;

/// <summary>Waits for what other processes do. Real time, because they live in it; every wait has an end and says what it waited for.</summary>
internal static class Eventually
{
    public static async Task<T> GetAsync<T>(string what, TimeSpan limit, Func<Task<T?>> ask)
        where T : class
    {
        var clock = Stopwatch.StartNew();
        Exception? last = null;
        while (clock.Elapsed < limit)
        {
            try
            {
                if (await ask() is { } answer) return answer;
            }
            catch (Exception problem) when (problem is HttpRequestException or IOException or TaskCanceledException)
            {
                last = problem;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        throw new TimeoutException($"after {limit.TotalSeconds:0} s still not: {what}", last);
    }

    public static Task HoldsAsync(string what, TimeSpan limit, Func<Task<bool>> ask) =>
        GetAsync(what, limit, async () => await ask() ? what : null);
}
