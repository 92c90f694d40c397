using System.Collections.Immutable;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Mig;

/// <summary>What a pod asks for of one MIG profile.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Count">Instances, at least 1.</param>
/// <param name="Resource">The resource it is asked for by, e.g. <c>nvidia.com/mig-1g.10gb.me</c>.</param>
public readonly record struct MigRequest(MigProfile Profile, int Count, string Resource)
{
    /// <summary>
    /// The MIG part of a pod's effective request, the largest profiles first. A resource that is counted as a MIG slice but spells no profile is
    /// left to its count alone.
    /// </summary>
    internal static ImmutableArray<MigRequest> Read(ReadOnlySpan<ResourceAmount> requests, GpuResourceCatalog catalog)
    {
        List<MigRequest>? found = null;
        foreach (var (name, amount) in requests)
        {
            if (catalog.KindOf(name) != GpuResourceKind.MigSlice || !MigProfile.TryParseResource(name, out var profile, out _)) continue;
            (found ??= []).Add(new MigRequest(profile!, (int)amount, name));
        }

        return found is null ? []
            : [.. found.OrderByDescending(request => request.Profile.MemoryGb).ThenByDescending(request => request.Profile.ComputeSlices)];
    }
}
