namespace GpuScheduler.Kubernetes;

/// <summary>Repeats a call while its failure is transient, no more often and no longer than the caller allows.</summary>
public static class ApiRetry
{
    /// <summary>
    /// Calls until success, a lasting refusal, or <paramref name="attempts"/> calls. Waits between calls as <paramref name="backoff"/>
    /// says, and at least as long as the server asked (Retry-After). A write whose outcome is unknown
    /// (<see cref="ApiStatus.MayHaveHappened"/>) is not repeated unless <paramref name="isIdempotent"/>.
    /// </summary>
    /// <returns>The last result.</returns>
    public static async Task<ApiResult<T>> RunAsync<T>(
        Func<CancellationToken, Task<ApiResult<T>>> call,
        Backoff backoff,
        int attempts,
        bool isIdempotent,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempts, 1);
        for (var attempt = 1; ; attempt++)
        {
            var result = await call(cancellationToken);
            var status = result.Status;
            if (attempt == attempts || !status.IsTransient || (status.MayHaveHappened && !isIdempotent))
            {
                return result;
            }

            await backoff.WaitAsync(status.RetryAfter, cancellationToken);
        }
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public static async Task<ApiStatus> RunAsync(
        Func<CancellationToken, Task<ApiStatus>> call,
        Backoff backoff,
        int attempts,
        bool isIdempotent,
        CancellationToken cancellationToken)
    {
        var result = await RunAsync(CallAsync, backoff, attempts, isIdempotent, cancellationToken);
        return result.Status;

        async Task<ApiResult<bool>> CallAsync(CancellationToken token)
        {
            var status = await call(token);
            return status.IsSuccess ? new(true) : new(status);
        }
    }
}
