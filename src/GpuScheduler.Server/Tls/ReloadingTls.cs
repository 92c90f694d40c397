using GpuScheduler.Server.Options;

namespace GpuScheduler.Server.Tls;

/// <summary>
/// The certificates as the files have them, so that cert-manager or a person can renew them without a restart. Looks at the files when a
/// connection comes, every <see cref="Interval"/> at most, and by content: a mounted Secret changes by a symbolic link. Open connections keep the
/// server's certificate they began with; those with a client certificate are closed at their next call of a verb when the authorities have changed
/// (<see cref="ClientCertificateGate"/>). When the new files cannot be used, the old certificates stay, with one warning.
/// </summary>
internal sealed partial class ReloadingTls
{
    /// <summary>Least time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly TlsSection _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ReloadingTls> _logger;
    private volatile TlsMaterial _material;
    private TlsFiles _seen;
    private string _problem = "";
    private long _lookedAt;

    /// <summary>Reads the files for the first time.</summary>
    /// <exception cref="TlsFileException">They cannot be used.</exception>
    public ReloadingTls(TlsSection options, TimeProvider time, ILogger<ReloadingTls> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _lookedAt = time.GetTimestamp();
        _seen = TlsFiles.Read(options);
        _material = _seen.Load(options);
    }

    /// <summary>What the next handshake uses.</summary>
    public TlsMaterial Current
    {
        get
        {
            var last = Interlocked.Read(ref _lookedAt);
            var now = _time.GetTimestamp();
            // One connection looks; those that come meanwhile do not wait for it.
            if (_time.GetElapsedTime(last, now) >= Interval && Interlocked.CompareExchange(ref _lookedAt, now, last) == last) Look();
            return _material;
        }
    }

    /// <summary>The same without a look at the files.</summary>
    public TlsMaterial Latest => _material;

    private void Look()
    {
        try
        {
            var files = TlsFiles.Read(_options);
            if (files != _seen) Take(files);
            _problem = "";
        }
        catch (TlsFileException problem)
        {
            if (problem.Message == _problem) return;
            _problem = problem.Message;
            LogKept(problem.Message);
        }
    }

    private void Take(TlsFiles files)
    {
        var material = files.Load(_options);
        // The same object as long as they are the same authorities: what they have judged holds.
        if (files.ClientCa == _seen.ClientCa) material = material with { ClientAuthorities = _material.ClientAuthorities };
        (_seen, _material) = (files, material);
        LogReloaded(_material.Server.TargetCertificate.Subject, _material.Server.TargetCertificate.NotAfter.ToUniversalTime());
    }

    [LoggerMessage(1, LogLevel.Information, "New certificates are in use: {Subject}, valid until {NotAfter:u}")]
    private partial void LogReloaded(string subject, DateTime notAfter);

    [LoggerMessage(2, LogLevel.Warning, "The certificate files have changed and cannot be used, so the old certificates stay: {Problem}")]
    private partial void LogKept(string problem);
}
