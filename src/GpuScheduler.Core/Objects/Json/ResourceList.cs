using System.Runtime.InteropServices;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Exact quantities by resource name (<c>core/v1 ResourceList</c>); a handful of entries, so a list searched in order.</summary>
internal sealed class ResourceList
{
    private readonly List<(string Name, Quantity Quantity)> _entries = [];

    /// <summary>The entries in the order they came.</summary>
    public ReadOnlySpan<(string Name, Quantity Quantity)> Entries => CollectionsMarshal.AsSpan(_entries);

    /// <summary>Whether the resource is named, be it with zero.</summary>
    public bool Has(string name) => IndexOf(name) >= 0;

    /// <summary>Takes every entry out.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>Sets a resource.</summary>
    public void Set(string name, Quantity quantity)
    {
        var at = IndexOf(name);
        if (at < 0) _entries.Add((name, quantity));
        else _entries[at] = (name, quantity);
    }

    /// <summary>Adds every entry of <paramref name="other"/> (<c>addResourceList</c>).</summary>
    /// <exception cref="FormatException">A sum is more than a quantity can be.</exception>
    public void Add(ResourceList other)
    {
        foreach (var (name, quantity) in other.Entries)
        {
            var at = IndexOf(name);
            if (at < 0)
            {
                _entries.Add((name, quantity));
                continue;
            }

            try
            {
                _entries[at] = (name, _entries[at].Quantity + quantity);
            }
            catch (OverflowException exception)
            {
                throw new FormatException($"{name}: the sum of the requests is too large, {exception.Message}", exception);
            }
        }
    }

    /// <summary>Raises every entry to that of <paramref name="other"/> where that is greater (<c>maxResourceList</c>).</summary>
    public void Max(ResourceList other)
    {
        foreach (var (name, quantity) in other.Entries)
        {
            var at = IndexOf(name);
            if (at < 0) _entries.Add((name, quantity));
            else if (quantity > _entries[at].Quantity) _entries[at] = (name, quantity);
        }
    }

    private int IndexOf(string name)
    {
        var entries = Entries;
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Name == name) return i;
        }

        return -1;
    }
}
