namespace GpuScheduler.Server.Http;

/// <summary>
/// Remembers answers for a short while, so many at most, the oldest leaving first. Who asks while an answer is on its way waits for the same
/// one. Safe for concurrent use.
/// </summary>
/// <param name="capacity">Answers it remembers.</param>
/// <param name="lifetimeOf">How long an answer is remembered.</param>
/// <param name="time">Tells the time.</param>
internal sealed class ShortMemory<TKey, TAnswer>(int capacity, Func<TAnswer, TimeSpan> lifetimeOf, TimeProvider time)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Entry> _entries = [];
    private readonly Queue<(TKey Key, Entry Entry)> _ages = [];

    /// <summary>The answer, asked for anew when none is remembered.</summary>
    /// <param name="key">What is asked.</param>
    /// <param name="ask">Asks; must not throw. It outlives the caller, because others may wait for it too.</param>
    /// <param name="cancellationToken">Ends the caller's waiting alone.</param>
    public Task<TAnswer> GetAsync(TKey key, Func<Task<TAnswer>> ask, CancellationToken cancellationToken)
    {
        Entry entry;
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out entry!) || entry.IsOver(time, lifetimeOf))
            {
                while (_ages.Count >= capacity)
                {
                    var (oldest, aged) = _ages.Dequeue();
                    if (_entries.TryGetValue(oldest, out var found) && ReferenceEquals(found, aged)) _entries.Remove(oldest);
                }

                _entries[key] = entry = new Entry(time);
                _ages.Enqueue((key, entry));
                entry.Answer = Task.Run(ask, CancellationToken.None);
            }
        }

        return entry.Answer.WaitAsync(cancellationToken);
    }

    private sealed class Entry(TimeProvider time)
    {
        private readonly long _asked = time.GetTimestamp();

        public Task<TAnswer> Answer { get; set; } = null!;

        /// <summary>An answer counts from when it was asked for: it may have been true only then.</summary>
        public bool IsOver(TimeProvider clock, Func<TAnswer, TimeSpan> lifetimeOf) =>
            Answer.IsCompleted && (!Answer.IsCompletedSuccessfully || clock.GetElapsedTime(_asked) >= lifetimeOf(Answer.Result));
    }
}
