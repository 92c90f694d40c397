namespace GpuScheduler.Core.Ledger;

/// <summary>Remembers the UIDs of the last objects deleted, so that an event that arrives late cannot bring one back. UIDs are never reused.</summary>
internal sealed class Tombstones(int capacity)
{
    private readonly HashSet<string> _uids = new(capacity);
    private readonly Queue<string> _order = new(capacity);

    public void Add(string uid)
    {
        if (uid.Length == 0 || !_uids.Add(uid)) return;
        _order.Enqueue(uid);
        if (_order.Count > capacity) _uids.Remove(_order.Dequeue());
    }

    /// <summary>The object exists after all. Its place in the order stays behind, harmless.</summary>
    public void Remove(string uid) => _uids.Remove(uid);

    public bool Contains(string uid) => _uids.Contains(uid);
}
