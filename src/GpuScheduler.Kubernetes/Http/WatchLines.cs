namespace GpuScheduler.Kubernetes;

/// <summary>
/// The lines of a watch answer. The API server ends each event with a newline and writes none inside it, so a garbled line ends where the
/// next begins.
/// </summary>
internal sealed class WatchLines : IDisposable
{
    private readonly ReadBuffer _buffer;
    private readonly IdleLimit _limit;
    private readonly TimeSpan _idle;
    private readonly CancellationToken _cancellationToken;
    private int _searched;
    private int _current;
    private int _lineBytes; // of the current line with its newline; 0 when there is none
    private bool _atEnd;

    public WatchLines(Stream stream, KubernetesApiOptions options, CancellationToken cancellationToken)
    {
        _buffer = new ReadBuffer(stream);
        _idle = options.WatchIdleTimeout;
        _limit = new IdleLimit(_idle, options.Time, cancellationToken);
        _cancellationToken = cancellationToken;
    }

    /// <summary>What <see cref="MoveNextAsync"/> came to.</summary>
    public enum Step
    {
        /// <summary><see cref="Current"/> is the next line.</summary>
        Line,

        /// <summary>The server ended the watch.</summary>
        End,

        /// <summary>The connection is gone; see <see cref="Failure"/>.</summary>
        Failed,
    }

    /// <summary>The line, without its newline; valid until the next move.</summary>
    public ReadOnlySpan<byte> Current => _buffer.Unread[.._current];

    /// <summary>Why the watch failed.</summary>
    public ApiStatus Failure { get; private set; } = ApiStatus.Ok;

    /// <summary>Moves to the next line that is not blank.</summary>
    /// <exception cref="OperationCanceledException">The consumer's token was cancelled.</exception>
    public async ValueTask<Step> MoveNextAsync()
    {
        DropCurrent();
        while (true)
        {
            if (FindLine())
            {
                if (_current > 0)
                {
                    return Step.Line;
                }

                DropCurrent();
                continue;
            }

            if (_atEnd)
            {
                return LastLine();
            }

            try
            {
                _limit.Restart();
                _atEnd = !await _buffer.FillAsync(_limit.Token);
            }
            catch (FormatException e)
            {
                return Fail(new ApiStatus(ApiOutcome.Unreadable, 200, "", e.Message));
            }
            catch (Exception e) when (RequestSender.IsLost(e, _cancellationToken))
            {
                return Fail(RequestSender.Lost(e, _limit.IsExceeded ? "no event, bookmark or end of a watch" : null, _idle));
            }
        }
    }

    public void Dispose()
    {
        _limit.Dispose();
        _buffer.Dispose();
    }

    private bool FindLine()
    {
        var unread = _buffer.Unread;
        var found = unread[_searched..].IndexOf((byte)'\n');
        if (found < 0)
        {
            _searched = unread.Length;
            return false;
        }

        _current = _searched + found;
        _lineBytes = _current + 1;
        return true;
    }

    private void DropCurrent()
    {
        if (_lineBytes > 0)
        {
            _buffer.Consume(_lineBytes);
            _searched = 0;
        }

        _current = 0;
        _lineBytes = 0;
    }

    // the end of the stream may stand for the last newline, but not for the rest of an event
    private Step LastLine()
    {
        var rest = _buffer.Unread;
        if (rest.IndexOfAnyExcept(" \r\t"u8) < 0)
        {
            return Step.End;
        }

        if (!default(JsonValueScanner).TryFindEnd(rest, out _))
        {
            return Fail(new ApiStatus(ApiOutcome.Lost, 0, "", "the connection ended in the middle of a watch event"));
        }

        _current = rest.Length;
        _lineBytes = rest.Length;
        return Step.Line;
    }

    private Step Fail(ApiStatus status)
    {
        Failure = status;
        return Step.Failed;
    }
}
