using System.Collections.Frozen;

namespace GpuScheduler.Core.Resources;

/// <summary>
/// Gives every resource that some node offers a small number, its slot, under which the snapshot's columns are found.
/// Immutable: <see cref="With"/> returns a longer table in which every earlier slot keeps its meaning.
/// </summary>
public sealed class ResourceTable
{
    /// <summary>Slot of <c>cpu</c>, in thousandths.</summary>
    public const int Cpu = 0;

    /// <summary>Slot of <c>memory</c>, in MiB.</summary>
    public const int Memory = 1;

    /// <summary>Slot of <c>pods</c>.</summary>
    public const int Pods = 2;

    /// <summary>Slot of <c>ephemeral-storage</c>, in MiB.</summary>
    public const int EphemeralStorage = 3;

    /// <summary>More kinds of resource than any real cluster has; a node that offers still others has them left uncounted.</summary>
    public const int MaxSlots = 256;

    private readonly string[] _names;
    private readonly FrozenDictionary<string, int> _slots;

    private ResourceTable(string[] names)
    {
        _names = names;
        _slots = names.Select((name, slot) => KeyValuePair.Create(name, slot)).ToFrozenDictionary();
    }

    /// <summary>The four native resources.</summary>
    public static ResourceTable Native { get; } =
        new([ResourceNames.Cpu, ResourceNames.Memory, ResourceNames.Pods, ResourceNames.EphemeralStorage]);

    /// <summary>How many slots there are.</summary>
    public int Count => _names.Length;

    /// <summary>Names by slot.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The slot of a resource; -1 when no node has ever offered it.</summary>
    public int SlotOf(string name) => _slots.TryGetValue(name, out var slot) ? slot : -1;

    /// <summary>This table, or one with a further slot for <paramref name="name"/>; this table when it is full.</summary>
    public ResourceTable With(string name) =>
        _slots.ContainsKey(name) || _names.Length >= MaxSlots ? this : new ResourceTable([.. _names, name]);
}
