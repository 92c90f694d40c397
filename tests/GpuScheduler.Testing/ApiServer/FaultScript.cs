namespace GpuScheduler.Testing;

/// <summary>The faults still to come.</summary>
internal sealed class FaultScript
{
    private readonly Lock _lock = new();
    private readonly List<Fault> _faults = [];

    public void Add(Fault fault)
    {
        lock (_lock)
        {
            _faults.Add(fault);
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _faults.Clear();
        }
    }

    /// <summary>Takes one use of the first entry for this call.</summary>
    public Fault? Take(string verb, string resource)
    {
        lock (_lock)
        {
            var fault = _faults.Find(f => (f.Verb == "*" || f.Verb == verb) && (f.Resource == "*" || f.Resource == resource));
            if (fault is not null && fault.Remaining != int.MaxValue && --fault.Remaining <= 0)
            {
                _faults.Remove(fault);
            }

            return fault;
        }
    }
}
