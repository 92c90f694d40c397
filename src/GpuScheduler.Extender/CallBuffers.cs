using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Decisions;
using GpuScheduler.Extender.Wire;
using Microsoft.Extensions.ObjectPool;

namespace GpuScheduler.Extender;

/// <summary>Everything a call needs room for, kept from call to call so that the next one allocates nothing. Used by one call at a time.</summary>
internal sealed class CallBuffers(AskedPod pod)
{
    /// <summary>Longer bodies and answers than this are rare (full Node objects); their room is given back.</summary>
    private const int KeepAtMostBytes = 8 * 1024 * 1024;

    private ulong[] _fits = [];
    private float[] _scores = [];

    /// <summary>The request body.</summary>
    public RequestBytes Body { get; } = new();

    /// <summary>The answer's body.</summary>
    public AnswerText Answer { get; } = new();

    /// <summary>The pod of the request.</summary>
    public AskedPod Pod { get; } = pod;

    /// <summary>The newest snapshot when the call came, also where the request brings its own nodes.</summary>
    public ClusterSnapshot Cluster { get; set; } = ClusterSnapshot.Empty;

    /// <summary>The nodes the request names.</summary>
    public AskedNodes Asked { get; } = new();

    /// <summary>Reads the names.</summary>
    public NameList Names { get; } = new();

    /// <summary>Chooses among feasible nodes.</summary>
    public Shortlist Shortlist { get; } = new();

    /// <summary>Writes what prioritize answers.</summary>
    public ScoresAnswer ScoresAnswer { get; } = new();

    /// <summary>Why filter does not offer the others.</summary>
    public FailedNodes Failed { get; } = new();

    /// <summary>What was wrong with full Node objects, in the order they were asked.</summary>
    public List<(string Name, string Problem)> Unreadable { get; } = [];

    /// <summary>What the call's end is told with.</summary>
    public CallNotes Notes { get; } = new();

    /// <summary>One bit per row.</summary>
    public Span<ulong> Fits(ClusterSnapshot snapshot) => Room(ref _fits, snapshot.Pages.Length * NodePage.BitmapWords);

    /// <summary>One number per row.</summary>
    public Span<float> Scores(ClusterSnapshot snapshot) => Room(ref _scores, snapshot.Pages.Length * NodePage.RowCount);

    /// <summary>Makes ready for the next call.</summary>
    public void Reset()
    {
        Body.Shrink(KeepAtMostBytes);
        Answer.Shrink(KeepAtMostBytes);
        Failed.Clear();
        ScoresAnswer.Clear();
        Unreadable.Clear();
        Notes.Clear();
        Cluster = ClusterSnapshot.Empty;
    }

    /// <summary>Clears the room between calls.</summary>
    internal sealed class Pooling(Func<AskedPod> newPod) : PooledObjectPolicy<CallBuffers>
    {
        public override CallBuffers Create() => new(newPod());

        public override bool Return(CallBuffers obj)
        {
            obj.Reset();
            return true;
        }
    }

    private static Span<T> Room<T>(ref T[] array, int length)
    {
        if (array.Length < length) array = new T[Math.Max(length, 64)];
        return array.AsSpan(0, length);
    }
}
