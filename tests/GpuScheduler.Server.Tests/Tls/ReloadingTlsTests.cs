using GpuScheduler.Server.Tls;
using GpuScheduler.Testing;
using Microsoft.Extensions.Logging;

namespace GpuScheduler.Server.Tests.Tls;

public sealed class ReloadingTlsTests : IDisposable
{
    private readonly CertificateFolder _files = new();
    private readonly FakeTimeProvider _time = new();
    private readonly Lines _log = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Current_ChangedFiles_AreTakenAfterTheInterval()
    {
        var tls = Start();
        var first = tls.Current;
        using var other = new TestCertificates("another authority");
        _files.Write(other);

        Assert.Same(first, tls.Current);
        _time.Advance(ReloadingTls.Interval);

        Assert.Equal("CN=another authority", tls.Current.Server.TargetCertificate.Issuer);
        Assert.Equal("CN=another authority", tls.Current.ClientAuthorities!.Single().Subject);
        Assert.Equal(LogLevel.Information, Assert.Single(_log.Written).Level);
    }

    [Fact]
    public void Current_UnchangedFiles_IsTheSame()
    {
        var tls = Start();
        var first = tls.Current;
        _files.Touch();
        _time.Advance(ReloadingTls.Interval);
        Assert.Same(first, tls.Current);
        Assert.Empty(_log.Written);
    }

    [Theory]
    [InlineData("certificate", "tls.certificateFile")]
    [InlineData("key", "tls.keyFile")]
    [InlineData("ca", "tls.clientCaFile")]
    [InlineData("missing", "tls.keyFile")]
    public void Current_BrokenFiles_KeepsTheOldAndWarnsOnce(string what, string expected)
    {
        var tls = Start();
        var first = tls.Current;
        Break(what);

        for (var look = 0; look < 3; look++)
        {
            _time.Advance(ReloadingTls.Interval);
            Assert.Same(first, tls.Current);
        }

        var (level, text) = Assert.Single(_log.Written);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains(expected, text, StringComparison.Ordinal);

        _files.Write(_files.Authority);
        _time.Advance(ReloadingTls.Interval);
        Assert.NotSame(first, tls.Current);
    }

    [Theory]
    [InlineData("certificate")]
    [InlineData("key")]
    [InlineData("ca")]
    [InlineData("missing")]
    public void Create_BrokenFiles_Throws(string what)
    {
        Break(what);
        Assert.Throws<TlsFileException>(Start);
    }

    [Fact]
    public void Create_KeyOfAnotherCertificate_Throws()
    {
        File.WriteAllText(_files.KeyFile, _files.Authority.LocalServer().KeyPem);
        Assert.Contains("tls.keyFile", Assert.Throws<TlsFileException>(Start).Message, StringComparison.Ordinal);
    }

    private ReloadingTls Start() => new(_files.Options, _time, _log);

    private void Break(string what)
    {
        if (what == "missing") File.Delete(_files.KeyFile);
        else File.WriteAllText(what switch { "certificate" => _files.CertificateFile, "key" => _files.KeyFile, _ => _files.ClientCaFile }, "nothing");
    }

    private sealed class Lines : ILogger<ReloadingTls>
    {
        public List<(LogLevel Level, string Text)> Written { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Add((logLevel, formatter(state, exception)));
    }
}
