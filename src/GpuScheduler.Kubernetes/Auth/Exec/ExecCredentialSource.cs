using System.Security.Cryptography.X509Certificates;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// The credential an exec plugin prints, kept until it expires or the server answers 401. One plugin runs at a time; calls that need a
/// credential meanwhile wait for it.
/// </summary>
internal sealed class ExecCredentialSource(
    ExecPlugin plugin, X509Certificate2? configured, TimeProvider time) : ICredentialSource, IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private volatile Kept? _kept;

    public async ValueTask<ApiResult<Credential>> GetAsync(CancellationToken cancellationToken)
    {
        if (Usable() is { } credential)
        {
            return new(credential);
        }

        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // another call may have fetched it while this one waited
            return Usable() is { } meanwhile ? new(meanwhile) : await RunAsync(cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public bool Reject(Credential credential)
    {
        var kept = _kept;
        if (kept is not null && ReferenceEquals(kept.Credential, credential))
        {
            Interlocked.CompareExchange(ref _kept, null, kept);
        }

        return true;
    }

    public void Dispose() => _oneAtATime.Dispose();

    private Credential? Usable() =>
        _kept is { } kept && (kept.Expires is null || time.GetUtcNow() < kept.Expires) ? kept.Credential : null;

    private async Task<ApiResult<Credential>> RunAsync(CancellationToken cancellationToken)
    {
        var output = await ExecProcess.RunAsync(plugin, cancellationToken);
        if (!output.TryGet(out var bytes, out var status))
        {
            return new(status);
        }

        try
        {
            var read = ExecCredentialReader.Read(bytes, plugin.ApiVersion);
            var certificate = string.IsNullOrEmpty(read.ClientCertificateData)
                ? configured
                : Pem.Client(read.ClientCertificateData, read.ClientKeyData!, $"output of {plugin.Command}", "status.clientCertificateData");
            var credential = new Credential(string.IsNullOrEmpty(read.Token) ? null : $"Bearer {read.Token}", certificate);
            _kept = new Kept(credential, read.ExpirationTimestamp);
            return new(credential);
        }
        catch (Exception e) when (e is FormatException or ClusterConfigException)
        {
            return new(ExecProcess.Failed(plugin, e.Message).Status);
        }
    }

    private sealed record Kept(Credential Credential, DateTimeOffset? Expires);
}
