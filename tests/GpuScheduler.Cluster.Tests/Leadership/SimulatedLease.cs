using System.Globalization;
using GpuScheduler.Kubernetes;
using GpuScheduler.Testing;

namespace GpuScheduler.Cluster.Tests.Leadership;

/// <summary>The one lease on a simulated API server, with the server's rules for versions; what calls do to it happens in simulated time.</summary>
internal sealed class SimulatedLease(FakeTimeProvider truth)
{
    private long _version = 1000;

    public FakeTimeProvider Truth => truth;

    public Lease? Stored { get; private set; }

    public ApiResult<Lease> Get() => Stored is { } lease ? new(lease) : Refused(404, "NotFound");

    public ApiResult<Lease> Create(Lease lease) =>
        Stored is not null ? Refused(409, "AlreadyExists") : Store(lease with { Meta = lease.Meta with { Uid = Guid.NewGuid().ToString() } });

    public ApiResult<Lease> Replace(Lease lease)
    {
        if (Stored is not { } stored) return Refused(404, "NotFound");
        return lease.Meta.ResourceVersion != stored.Meta.ResourceVersion ? Refused(409, "Conflict") : Store(lease with { Meta = stored.Meta });
    }

    /// <summary>Somebody's hand.</summary>
    public void Edit(Func<Lease, Lease> change)
    {
        if (Stored is { } lease) Store(change(lease));
    }

    public void Delete() => Stored = null;

    private ApiResult<Lease> Store(Lease lease)
    {
        Stored = lease with { Meta = lease.Meta with { ResourceVersion = (++_version).ToString(CultureInfo.InvariantCulture) } };
        return new(Stored);
    }

    private static ApiResult<Lease> Refused(int code, string reason) => new(new ApiStatus(ApiOutcome.Refused, code, reason, reason));
}
