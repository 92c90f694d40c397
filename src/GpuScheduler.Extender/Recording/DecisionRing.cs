using System.Numerics;
using System.Text.Json;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Explaining;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Recording;

/// <summary>
/// Remembers the last calls. A call only leaves facts in room made before: the snapshot and the strategy it was answered with, which never
/// change, and which rows were asked; reasons and score terms are computed from them when somebody looks. Safe for concurrent use: a writer
/// claims a slot by an interlocked count and marks it odd while it writes; a reader copies and looks whether the mark stood still. No call ever
/// waits.
/// </summary>
/// <remarks>
/// A snapshot that is no longer the newest keeps only the pages alive that have changed since. They are counted, and beyond
/// <see cref="KeptBytes"/> the oldest calls lose theirs. What is kept lives longer than the garbage around it and is copied by the collector, so that in a
/// cluster that changes very fast keeping it all would make every call's p99 longer: beyond <see cref="KeptBytesPerSecond"/> a call is remembered without
/// its snapshot.
/// </remarks>
public sealed class DecisionRing
{
    /// <summary>About how much memory old snapshots may take, unless told otherwise.</summary>
    public const long KeptBytes = 64 * 1024 * 1024;

    /// <summary>How much more old snapshots may take every second, beyond <see cref="KeptBytesAtOnce"/>: some forty placements a second.</summary>
    private const long KeptBytesPerSecond = 400 * 1024;

    private const long KeptBytesAtOnce = 16 * 1024 * 1024;

    // Measured: an event published alone costs 9 KiB, nearly all of it the one page it changes.
    private const long BytesOfAPage = 10 * 1024;
    private const long BytesOfAName = 28;

    private readonly Slot[] _slots;
    private readonly byte[] _pods;
    private readonly RecentStrategies _strategies;
    private readonly long _mostKeptBytes;
    private readonly double _ticksPerByte;
    private readonly long _ticksAtOnce;
    private readonly TimeProvider _time;
    private readonly Lock _growing = new();
    private readonly DateTimeOffset _startedAt;
    private readonly long _startedTimestamp;
    private volatile ClusterSnapshot _last = ClusterSnapshot.Empty;
    private int _words;
    private long _next;
    private long _keptBytes;
    private long _oldestKept;
    private long _paidUntil = long.MinValue;

    /// <summary>An empty ring.</summary>
    /// <param name="capacity">Calls it remembers; at least 1.</param>
    /// <param name="time">Tells the time of calls.</param>
    /// <param name="keptBytes">About how much memory old snapshots may take.</param>
    public DecisionRing(int capacity, TimeProvider time, long keptBytes = KeptBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _mostKeptBytes = keptBytes;
        _ticksPerByte = (double)time.TimestampFrequency / KeptBytesPerSecond;
        _ticksAtOnce = (long)(KeptBytesAtOnce * _ticksPerByte);
        _time = time;
        _startedAt = time.GetUtcNow();
        _startedTimestamp = time.GetTimestamp();
        _slots = new Slot[capacity];
        _strategies = new RecentStrategies(capacity);
        _pods = new byte[capacity * Slot.PodBytes];
        for (var i = 0; i < capacity; i++) _slots[i] = new Slot(i, _pods.AsMemory(i * Slot.PodBytes, Slot.PodBytes));
    }

    /// <summary>Calls recorded so far, forgotten ones included.</summary>
    public long Recorded => Volatile.Read(ref _next);

    /// <summary>The calls that are remembered, the newest first.</summary>
    public IReadOnlyList<RecordedCall> Newest()
    {
        var calls = new List<RecordedCall>();
        var end = Recorded;
        for (var number = end - 1; number >= Math.Max(0, end - _slots.Length); number--)
        {
            if (Read(number) is { } call) calls.Add(call);
        }

        return calls;
    }

    /// <summary>Remembers a call as its notes tell it. Allocates nothing but when the cluster has grown.</summary>
    /// <param name="verb">What was asked.</param>
    /// <param name="call">The call.</param>
    /// <param name="pod">The JSON that says which pod it was about: the pod, or the body of a bind.</param>
    /// <param name="started">When it came.</param>
    /// <param name="ended">When it was answered.</param>
    internal void Record(ExtenderVerb verb, CallBuffers call, ReadOnlySpan<byte> pod, long started, long ended)
    {
        var snapshot = call.Notes.Snapshot;
        var words = (snapshot?.Pages.Length ?? 0) * NodePage.BitmapWords;
        if (words > Volatile.Read(ref _words)) Grow(words);
        if (Claim(out var number, out var slot) is not { } version) return;
        slot.Begin(number, verb, started, ended, call.Notes, _strategies.NumberOf(call.Notes.Strategy, number), pod);
        if (snapshot is not null && call.Asked.Count - call.Asked.UnknownCount == snapshot.NodeCount) slot.IsEverybody = true;
        else if (words > 0 && words <= slot.Rows.Length) call.Asked.Rows.CopyTo(slot.TakeRows(words));
        if (snapshot is not null && (ReferenceEquals(snapshot, _last) || TryKeep(slot, snapshot, ended))) Volatile.Write(ref slot.Snapshot, snapshot);
        slot.End(version);
        FetchAhead(slot.At + 1 < _slots.Length ? slot.At + 1 : 0);
    }

    /// <summary>
    /// A slot comes round so seldom that its memory is in no cache, and waiting for it costs more than writing it. It is asked for a call ahead, and
    /// is there when the next call ends.
    /// </summary>
    private void FetchAhead(int at)
    {
        Memory.FetchAhead(ref _slots[at].Version, -Slot.BytesAround, Slot.BytesAround);
        Memory.FetchAhead(ref _pods[at * Slot.PodBytes], 0, Slot.UsualPodBytes);
    }

    /// <summary>The next slot, marked as being written; null when its last writer has been overtaken by a whole round, and the call is lost.</summary>
    private long? Claim(out long number, out Slot slot)
    {
        number = Interlocked.Increment(ref _next) - 1;
        slot = _slots[number % _slots.Length];
        var version = Volatile.Read(ref slot.Version);
        if ((version & 1) != 0 || Interlocked.CompareExchange(ref slot.Version, version + 1, version) != version) return null;
        if (Volatile.Read(ref slot.Cost) != 0) Interlocked.Add(ref _keptBytes, -Interlocked.Exchange(ref slot.Cost, 0));
        return version;
    }

    /// <summary>
    /// Counts what the snapshot costs beyond the one kept before it. When that is too much at this time, it is not kept; when it is too much in all, the
    /// oldest are let go.
    /// </summary>
    private bool TryKeep(Slot slot, ClusterSnapshot snapshot, long now)
    {
        var last = _last;
        var changed = 0;
        for (var i = 0; i < snapshot.Pages.Length; i++) changed += i < last.Pages.Length && ReferenceEquals(snapshot.Pages[i], last.Pages[i]) ? 0 : 1;
        var cost = (changed * BytesOfAPage) + (ReferenceEquals(snapshot.Names, last.Names) ? 0 : snapshot.NodeCount * BytesOfAName);
        if (!TryPay(cost, now)) return false;

        _last = snapshot;
        slot.Cost = cost;
        var kept = Interlocked.Add(ref _keptBytes, cost);
        while (kept > _mostKeptBytes)
        {
            var oldest = Math.Max(Interlocked.Increment(ref _oldestKept) - 1, slot.Number - _slots.Length + 1);
            if (oldest >= slot.Number) return true;
            Volatile.Write(ref _oldestKept, Math.Max(oldest + 1, Volatile.Read(ref _oldestKept)));
            var old = _slots[oldest % _slots.Length];
            Volatile.Write(ref old.Snapshot, null);
            kept = Interlocked.Add(ref _keptBytes, -Interlocked.Exchange(ref old.Cost, 0));
        }

        return true;
    }

    /// <summary>Whether so many bytes may be kept now. What they cost is paid in time; at most <see cref="KeptBytesAtOnce"/> was saved up.</summary>
    private bool TryPay(long bytes, long now)
    {
        while (true)
        {
            var before = Volatile.Read(ref _paidUntil);
            var after = Math.Max(before, now - _ticksAtOnce) + (long)(bytes * _ticksPerByte);
            if (after > now) return false;
            if (Interlocked.CompareExchange(ref _paidUntil, after, before) == before) return true;
        }
    }

    private void Grow(int words)
    {
        lock (_growing)
        {
            if (words <= _words) return;
            var room = (int)BitOperations.RoundUpToPowerOf2((uint)words);
            foreach (var slot in _slots)
            {
                // One that is being written keeps its room, and does not note its rows until the cluster grows again.
                var version = Volatile.Read(ref slot.Version);
                if ((version & 1) != 0 || Interlocked.CompareExchange(ref slot.Version, version + 1, version) != version) continue;
                var rows = new ulong[room];
                slot.Rows.CopyTo(rows, 0);
                slot.Rows = rows;
                slot.End(version);
            }

            Volatile.Write(ref _words, room);
        }
    }

    private RecordedCall? Read(long number)
    {
        var slot = _slots[number % _slots.Length];
        const int Tries = 16;
        for (var i = 0; i < Tries; i++)
        {
            var version = Volatile.Read(ref slot.Version);
            if ((version & 1) != 0) continue;
            var call = slot.Copy(this);
            Volatile.ReadBarrier();
            if (slot.Version == version) return call.Number == number ? call : null;
        }

        return null;
    }

    private DateTimeOffset TimeOf(long timestamp) => _startedAt + _time.GetElapsedTime(_startedTimestamp, timestamp);

    /// <summary>
    /// What is remembered of one call. A slot grows old and is written all the time, so it refers to nothing that a call has made: the collector would look
    /// through every slot whenever it comes by.
    /// </summary>
    private sealed class Slot(int at, Memory<byte> pod)
    {
        /// <summary>Enough for namespace, name and UID of the greatest length, which kube-scheduler writes first and in this order.</summary>
        public const int PodBytes = 1024;

        /// <summary>Enough for usual ones.</summary>
        public const int UsualPodBytes = 192;

        /// <summary>No field is farther from another.</summary>
        public const int BytesAround = 192;

        /// <summary>A UID with its quotes and a colon, and some more.</summary>
        private const int AfterUid = 64;

        public long Version;
        public ClusterSnapshot? Snapshot;
        public long Cost;

        private readonly Memory<byte> _pod = pod;
        private int _podLength;
        private ExtenderVerb _verb;
        private long _started;
        private long _ended;
        private long _read;
        private long _decided;
        private long _generation;
        private CallCounts _counts;
        private PodShape? _shape;
        private long _strategy;
        private string? _error;
        private bool _isBind;
        private BindRequest? _longBind;
        private uint _deviceMask;
        private int _rowWords;

        /// <summary>Its index in the ring.</summary>
        public int At => at;

        public long Number { get; private set; } = -1;

        public ulong[] Rows { get; set; } = [];

        /// <summary>All nodes of the snapshot were asked, and <see cref="Rows"/> holds nothing.</summary>
        public bool IsEverybody { get; set; }

        public void Begin(long number, ExtenderVerb verb, long started, long ended, CallNotes notes, long strategy, ReadOnlySpan<byte> told)
        {
            (Number, _verb, _started, _ended) = (number, verb, started, ended);
            (_read, _decided, _generation, _counts) = (notes.ReadAt, notes.DecidedAt, notes.Generation, notes.Counts);
            (_shape, _strategy, _error) = (notes.Shape, strategy, notes.Error);
            (Snapshot, _deviceMask, _rowWords) = (null, notes.DeviceMask, 0);
            IsEverybody = false;
            _isBind = notes.Bound is not null;
            _longBind = told.Length > PodBytes ? notes.Bound : null;

            // A slot comes round long after it was last touched: the fewer bytes it takes, the fewer have to be fetched.
            if (told.Length > PodBytes) told = told[..PodBytes];
            var uid = _isBind ? -1 : told.IndexOf("\"uid\""u8);
            _podLength = uid < 0 ? told.Length : Math.Min(told.Length, uid + AfterUid);
            told[.._podLength].CopyTo(_pod.Span);
        }

        public Span<ulong> TakeRows(int words) => Rows.AsSpan(0, _rowWords = words);

        public void End(long version) => Volatile.Write(ref Version, version + 2);

        /// <summary>May be taken while the slot is written: only good when the version stood still.</summary>
        public RecordedCall Copy(DecisionRing ring)
        {
            var rows = Rows;
            var isMeasured = _read >= _started && _decided >= _read;
            var told = _pod.Span[..Math.Clamp(_podLength, 0, PodBytes)].ToArray();
            var bound = _isBind ? _longBind ?? ReadBind(told) : null;
            return new RecordedCall
            {
                Number = Number,
                Verb = _verb,
                At = ring.TimeOf(_ended),
                Duration = ring._time.GetElapsedTime(_started, _ended),
                Reading = isMeasured ? ring._time.GetElapsedTime(_started, _read) : null,
                Deciding = isMeasured ? ring._time.GetElapsedTime(_read, _decided) : null,
                Pod = bound is null ? PodIdentity.ReadBeginning(told) : new PodIdentity(bound.Namespace, bound.Name, bound.Uid),
                Counts = _counts,
                Generation = _generation,
                Shape = _shape,
                Snapshot = Snapshot,
                Strategy = ring._strategies.Of(_strategy),
                Asked = IsEverybody ? Snapshot is { } snapshot ? ClusterQuestion.Everybody(snapshot) : [] : rows.AsSpan(0, Math.Clamp(_rowWords, 0, rows.Length)).ToArray(),
                Node = bound?.NodeName,
                DeviceMask = _deviceMask,
                Error = _error,
            };
        }

        /// <summary>Null when the slot was written to meanwhile.</summary>
        private static BindRequest? ReadBind(byte[] body)
        {
            try
            {
                return BindReader.Read(body);
            }
            catch (Exception problem) when (problem is MalformedRequestException or JsonException or InvalidOperationException)
            {
                return null;
            }
        }
    }
}
