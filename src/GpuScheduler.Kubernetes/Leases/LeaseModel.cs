using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>Leases as the package's <see cref="V1Lease"/>.</summary>
internal static class LeaseModel
{
    public static IObjectCodec<Lease> Codec { get; } =
        new ModelCodec<Lease, V1Lease>(ModelContext.Default.V1Lease, ToModel, FromModel, lease => lease.Meta);

    private static V1Lease ToModel(Lease lease)
    {
        var metadata = lease.Meta.ToModel();
        metadata.Labels = lease.Labels.ToModel();
        metadata.Annotations = lease.Annotations.ToModel();
        return new V1Lease
        {
            ApiVersion = ResourceType.Leases.ApiVersion,
            Kind = ResourceType.Leases.Kind,
            Metadata = metadata,
            Spec = new V1LeaseSpec
            {
                HolderIdentity = lease.HolderIdentity, // an empty holder is written: it is how a lease is released
                LeaseDurationSeconds = lease.LeaseDurationSeconds > 0 ? lease.LeaseDurationSeconds : null,
                AcquireTime = lease.AcquireTime?.UtcDateTime,
                RenewTime = lease.RenewTime?.UtcDateTime,
                LeaseTransitions = lease.LeaseTransitions,
            },
        };
    }

    private static Lease FromModel(V1Lease model) => new()
    {
        Meta = model.Metadata.ToMeta(),
        Labels = model.Metadata?.Labels.ToMap() ?? [],
        Annotations = model.Metadata?.Annotations.ToMap() ?? [],
        HolderIdentity = model.Spec?.HolderIdentity ?? "",
        LeaseDurationSeconds = model.Spec?.LeaseDurationSeconds ?? 0,
        AcquireTime = model.Spec?.AcquireTime.ToOffset(),
        RenewTime = model.Spec?.RenewTime.ToOffset(),
        LeaseTransitions = model.Spec?.LeaseTransitions ?? 0,
    };
}
