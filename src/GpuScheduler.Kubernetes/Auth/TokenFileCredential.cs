namespace GpuScheduler.Kubernetes;

/// <summary>
/// A bearer token in a file that someone else renews (the kubelet, for a pod's own account). Read again every minute, and at once after a
/// 401; a file that cannot be read leaves the last token in use (client-go <c>transport/token_source.go</c>).
/// </summary>
public sealed class TokenFileCredential : ICredentialSource
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly string _path;
    private readonly string? _fallback;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private Credential? _credential;
    private long _readAt;

    /// <summary>A token in a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">Clock.</param>
    /// <param name="fallback">Token to use as long as the file could never be read; null for none.</param>
    public TokenFileCredential(string path, TimeProvider time, string? fallback = null)
    {
        _path = path;
        _time = time;
        _fallback = fallback;
    }

    /// <inheritdoc/>
    public ValueTask<ApiResult<Credential>> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_credential is null || _time.GetElapsedTime(_readAt) >= Period)
            {
                _readAt = _time.GetTimestamp();
                var error = Read();
                if (_credential is null)
                {
                    return ValueTask.FromResult<ApiResult<Credential>>(new(new ApiStatus(ApiOutcome.NotSent, 0, "", error)));
                }
            }

            return ValueTask.FromResult<ApiResult<Credential>>(new(_credential));
        }
    }

    /// <inheritdoc/>
    public bool Reject(Credential credential)
    {
        lock (_lock)
        {
            var before = _credential?.Authorization;
            Read();
            // worth another try when the file, or another call meanwhile, brought a different token
            return credential.Authorization != _credential?.Authorization || before != _credential?.Authorization;
        }
    }

    private string Read()
    {
        var error = $"{_path} is empty";
        string token;
        try
        {
            token = File.ReadAllText(_path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            (token, error) = ("", $"{_path}: {e.Message}");
        }

        if (token.Length == 0 && _credential is null)
        {
            token = _fallback ?? "";
        }

        if (token.Length > 0 && _credential?.Authorization != $"Bearer {token}")
        {
            _credential = new Credential($"Bearer {token}", null);
        }

        return error;
    }
}
