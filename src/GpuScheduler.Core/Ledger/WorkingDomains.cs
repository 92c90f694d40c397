using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// The numbers of topology domains that the single writer changes in place between two publications; a page that a published
/// <see cref="DomainCapacity"/> still shares is copied before the first write to it.
/// </summary>
internal sealed class WorkingDomains
{
    private readonly List<int[]> _working;
    private readonly List<int[]?> _shared;
    private DomainCapacity _published = DomainCapacity.Empty;
    private bool _isDirty;

    /// <summary>No domains.</summary>
    public WorkingDomains() => (_working, _shared) = ([], []);

    /// <summary>Begins as what was published is, and shares its pages.</summary>
    public WorkingDomains(DomainCapacity published) =>
        (_working, _shared, _published) = ([.. published.Pages], [.. published.Pages], published);

    private WorkingDomains(List<int[]> pages) => (_working, _shared, _isDirty) = ([.. pages], [.. pages], true);

    /// <summary>The same once more. They share pages: from here on only one of the two may be written to.</summary>
    public WorkingDomains Fork() => new(_working);

    /// <summary>A node came into a domain.</summary>
    public void Join(int domain, in NodeGpus node) => Add(domain, node, +1);

    /// <summary>A node left a domain.</summary>
    public void Leave(int domain, in NodeGpus node) => Add(domain, node, -1);

    /// <summary>What is free on a node of a domain changed.</summary>
    public void Move(int domain, in NodeGpus before, in NodeGpus after)
    {
        var page = Open(domain);
        var at = domain % DomainCapacity.PageSize;
        Count(page, at, before, -1);
        Count(page, at, after, +1);
    }

    /// <summary>The numbers as they are now; the last ones again when nothing changed.</summary>
    public DomainCapacity Publish()
    {
        if (!_isDirty) return _published;
        for (var i = 0; i < _working.Count; i++) _shared[i] = _working[i];
        _isDirty = false;
        return _published = new DomainCapacity([.. _working]);
    }

    /// <summary>How open a domain is to pods that need much of it; see <see cref="DomainOpenness"/>.</summary>
    public int OpennessOf(int domain)
    {
        var index = domain / DomainCapacity.PageSize;
        if (index >= _working.Count) return 0;
        var (page, at) = (_working[index], domain % DomainCapacity.PageSize);
        return DomainOpenness.Of(
            page[(DomainCapacity.Nodes * DomainCapacity.PageSize) + at],
            page[(DomainCapacity.Gpus * DomainCapacity.PageSize) + at],
            page[(DomainCapacity.FreeMilli * DomainCapacity.PageSize) + at]);
    }

    private void Add(int domain, in NodeGpus node, int sign)
    {
        var page = Open(domain);
        var at = domain % DomainCapacity.PageSize;
        page[(DomainCapacity.Nodes * DomainCapacity.PageSize) + at] += sign;
        Count(page, at, node, sign);
    }

    private static void Count(int[] page, int at, in NodeGpus node, int sign)
    {
        if (node.Count == 0) return;
        page[(DomainCapacity.Gpus * DomainCapacity.PageSize) + at] += sign * node.Count;
        page[(DomainCapacity.FreeMilli * DomainCapacity.PageSize) + at] += sign * node.FreeMilli;
        page[((DomainCapacity.ByFree + node.WholeFree) * DomainCapacity.PageSize) + at] += sign;
    }

    private int[] Open(int domain)
    {
        var index = domain / DomainCapacity.PageSize;
        while (_working.Count <= index)
        {
            _working.Add(new int[DomainCapacity.PageSize * DomainCapacity.Columns]);
            _shared.Add(null);
        }

        _isDirty = true;
        if (ReferenceEquals(_working[index], _shared[index])) _working[index] = [.. _working[index]];
        return _working[index];
    }
}
