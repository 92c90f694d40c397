using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Extender.Decisions;

/// <summary>
/// What the rows of one page answered to pods of one shape, and for which generation of the page. Readers and writers never wait: a version
/// that is odd while a writer is at work tells a reader to work it out itself, and a writer that is not alone to leave it be.
/// </summary>
internal sealed class PageAnswers
{
    private readonly ulong[] _fits = new ulong[NodePage.BitmapWords];
    private int _fitsVersion;
    private long _fitsGeneration = -1;

    private float[]? _scores;
    private int _scoresVersion;
    private long _scoresGeneration = -1;
    private IScoringStrategy? _strategy;

    private long[]? _reasons;

    /// <summary>Copies the rows that can take the pod, if they are known for this generation.</summary>
    public bool TryGetFits(long generation, Span<ulong> fits)
    {
        var version = Volatile.Read(ref _fitsVersion);
        if ((version & 1) != 0 || _fitsGeneration != generation) return false;
        _fits.CopyTo(fits);
        Volatile.ReadBarrier();
        return _fitsVersion == version;
    }

    public void SetFits(long generation, ReadOnlySpan<ulong> fits)
    {
        var version = _fitsVersion;
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref _fitsVersion, version + 1, version) != version) return;
        _fitsGeneration = generation;
        fits.CopyTo(_fits);
        Volatile.Write(ref _fitsVersion, version + 2);
    }

    /// <summary>Copies the raw scores of the rows, if they are known for this generation and strategy.</summary>
    public bool TryGetScores(long generation, IScoringStrategy strategy, Span<float> scores)
    {
        var version = Volatile.Read(ref _scoresVersion);
        if ((version & 1) != 0 || _scoresGeneration != generation || !ReferenceEquals(_strategy, strategy)) return false;
        _scores.CopyTo(scores);
        Volatile.ReadBarrier();
        return _scoresVersion == version;
    }

    public void SetScores(long generation, IScoringStrategy strategy, ReadOnlySpan<float> scores)
    {
        var version = _scoresVersion;
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref _scoresVersion, version + 1, version) != version) return;
        _scoresGeneration = generation;
        _strategy = strategy;
        scores.CopyTo(_scores ??= new float[NodePage.RowCount]);
        Volatile.Write(ref _scoresVersion, version + 2);
    }

    /// <summary>The number of a row's reason if it is known for this generation of the row, otherwise -1. Each row is one word and speaks for itself.</summary>
    public int ReasonOf(long generation, int rowInPage)
    {
        var word = _reasons is { } reasons ? Volatile.Read(ref reasons[rowInPage]) : 0;
        return word >> ShapeAnswers.ReasonBits == generation ? (int)(word & (ShapeAnswers.MaxReasons - 1)) - 1 : -1;
    }

    /// <summary>Remembers the number of a row's reason.</summary>
    public void SetReason(long generation, int rowInPage, int reason)
    {
        var reasons = _reasons ?? Interlocked.CompareExchange(ref _reasons, new long[NodePage.RowCount], null) ?? _reasons;
        Volatile.Write(ref reasons[rowInPage], (generation << ShapeAnswers.ReasonBits) | (uint)(reason + 1));
    }
}
