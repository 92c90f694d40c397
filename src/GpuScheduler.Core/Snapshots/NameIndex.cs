using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace GpuScheduler.Core.Snapshots;

/// <summary>
/// Finds the row of a node by the UTF-8 bytes of its name, without making a string. Open addressing at half load; immutable, rebuilt only
/// when the set of nodes changes.
/// </summary>
public sealed class NameIndex
{
    private readonly Slot[] _slots;
    private readonly NodeRow[] _rows;
    private readonly int _mask;

    /// <summary>Indexes the given nodes; names must differ.</summary>
    internal NameIndex(NodeRow[] rows, long version = 0)
    {
        Version = version;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(8, rows.Length * 2));
        _slots = new Slot[size];
        _rows = rows;
        _mask = size - 1;
        for (var i = 0; i < rows.Length; i++)
        {
            var hash = Hash(rows[i].Utf8Name);
            var at = (int)hash & _mask;
            while (_slots[at].Position != 0) at = (at + 1) & _mask;
            _slots[at] = new Slot(hash, i + 1);
        }
    }

    /// <summary>An index without names.</summary>
    public static NameIndex Empty { get; } = new([]);

    /// <summary>How many names there are.</summary>
    public int Count => _rows.Length;

    /// <summary>
    /// Stays the same while every name keeps its row, whatever else changes of the nodes; another as soon as a node comes or goes, and for
    /// every ledger.
    /// </summary>
    public long Version { get; }

    /// <summary>All nodes, in the order of their rows.</summary>
    public ReadOnlySpan<NodeRow> Rows => _rows;

    /// <summary>The node of that name; null when there is none.</summary>
    public NodeRow? Find(ReadOnlySpan<byte> utf8Name)
    {
        var hash = Hash(utf8Name);
        for (var at = (int)hash & _mask; ; at = (at + 1) & _mask)
        {
            var (slotHash, position) = _slots[at];
            if (position == 0) return null;
            if (slotHash == hash && _rows[position - 1].Utf8Name.AsSpan().SequenceEqual(utf8Name)) return _rows[position - 1];
        }
    }

    /// <summary>The node at this position of <see cref="Rows"/> if it has that name, else looked up: lists mostly come in the same order again.</summary>
    public NodeRow? FindNear(ReadOnlySpan<byte> utf8Name, int guess) =>
        (uint)guess < (uint)_rows.Length && _rows[guess].Utf8Name.AsSpan().SequenceEqual(utf8Name) ? _rows[guess] : Find(utf8Name);

    /// <summary>
    /// A multiplicative hash over 8-byte words. Node names are chosen by the cluster's administrators, not by those who create pods, so
    /// flooding is no concern here.
    /// </summary>
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)name.Length * Multiplier;
        while (name.Length >= 8)
        {
            hash = (BitOperations.RotateLeft(hash, 23) ^ BinaryPrimitives.ReadUInt64LittleEndian(name)) * Multiplier;
            name = name[8..];
        }

        var tail = 0UL;
        for (var i = 0; i < name.Length; i++) tail |= (ulong)name[i] << (8 * i);
        hash = (BitOperations.RotateLeft(hash, 23) ^ tail) * Multiplier;
        return (uint)(hash >> 32);
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Slot(uint Hash, int Position);
}
