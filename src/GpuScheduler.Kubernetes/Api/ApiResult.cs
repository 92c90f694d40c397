using System.Diagnostics.CodeAnalysis;

namespace GpuScheduler.Kubernetes;

/// <summary>A value, or the status that says why there is none.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly struct ApiResult<T>
{
    private readonly T? _value;

    /// <summary>A success.</summary>
    public ApiResult(T value)
    {
        _value = value;
        Status = ApiStatus.Ok;
    }

    /// <summary>A failure.</summary>
    /// <exception cref="ArgumentException"><paramref name="status"/> is a success.</exception>
    public ApiResult(ApiStatus status)
    {
        if (status.IsSuccess)
        {
            throw new ArgumentException("a success needs a value", nameof(status));
        }

        _value = default;
        Status = status;
    }

    /// <summary>What became of the call.</summary>
    public ApiStatus Status { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsSuccess => Status.IsSuccess;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none; ask <see cref="IsSuccess"/> or use <see cref="TryGet"/>.</exception>
    public T Value => Status.IsSuccess ? _value! : throw new InvalidOperationException($"no value: {Status}");

    /// <summary>Takes the value if there is one.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, out ApiStatus status)
    {
        value = _value;
        status = Status;
        return status.IsSuccess;
    }
}
