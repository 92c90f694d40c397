using System.Security.Cryptography;
using System.Text;

namespace GpuScheduler.Server.Access;

/// <summary>
/// The tokens in a file, one a line; empty lines and those that begin with # are left out. The file is looked at again when a caller comes,
/// every <see cref="Interval"/> at most, and by content: a mounted Secret changes by a symbolic link. A file that cannot be read leaves the last
/// tokens in force, with one warning; one that has lost a token has lost it for good.
/// </summary>
internal sealed partial class TokenFile : ITokenJudge
{
    /// <summary>Least time between two looks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger<TokenFile> _logger;
    private volatile byte[][] _hashes;
    private string _problem = "";
    private long _lookedAt;

    /// <summary>Reads the file for the first time.</summary>
    /// <exception cref="TokenFileException">It cannot be read, or holds no token.</exception>
    public TokenFile(string path, TimeProvider time, ILogger<TokenFile> logger)
    {
        (_path, _time, _logger) = (path, time, logger);
        _lookedAt = time.GetTimestamp();
        try
        {
            _hashes = Read(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TokenFileException($"access.tokenFile: {problem.Message}");
        }

        if (_hashes.Length == 0) throw new TokenFileException($"access.tokenFile: {path} holds no token; write at least one, one a line");
    }

    public string Advice => "tokens stand in the file that access.tokenFile of the service names";

    public ValueTask<AccessDecision> JudgeAsync(string token, string path, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new AccessDecision(IsKnown(token) ? AccessOutcome.Allowed : AccessOutcome.NotAccepted));

    /// <summary>Takes as long for every token: hashes of one length are compared to their end, and to the last of them.</summary>
    private bool IsKnown(string token)
    {
        var last = Interlocked.Read(ref _lookedAt);
        var now = _time.GetTimestamp();
        if (_time.GetElapsedTime(last, now) >= Interval && Interlocked.CompareExchange(ref _lookedAt, now, last) == last) Look();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), hash);
        var isKnown = false;
        foreach (var known in _hashes) isKnown |= CryptographicOperations.FixedTimeEquals(known, hash);
        return isKnown;
    }

    private void Look()
    {
        try
        {
            var hashes = Read(_path);
            _problem = "";
            if (hashes.Length == _hashes.Length && hashes.Zip(_hashes).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second))) return;
            _hashes = hashes;
            LogReloaded(_path, hashes.Length);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (problem.Message == _problem) return;
            _problem = problem.Message;
            LogKept(problem.Message);
        }
    }

    private static byte[][] Read(string path) =>
    [
        .. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
            .Select(token => SHA256.HashData(Encoding.UTF8.GetBytes(token))),
    ];

    [LoggerMessage(1, LogLevel.Information, "New tokens are in force: {Path} holds {Count}")]
    private partial void LogReloaded(string path, int count);

    [LoggerMessage(2, LogLevel.Warning, "The file of tokens cannot be read, so the old tokens stay: {Problem}")]
    private partial void LogKept(string problem);
}

/// <summary>The file of tokens cannot be used; the message says why.</summary>
public sealed class TokenFileException(string message) : Exception(message);
