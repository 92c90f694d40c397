using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Server.Http;

/// <summary>Makes the MIG part of <c>/api/v1/nodes/{name}</c>.</summary>
internal static class MigBodies
{
    /// <summary>What is known of a row's GPUs in MIG mode; null without MIG.</summary>
    public static MigBody? Of(MigNode mig, NodePage page, int row)
    {
        if (mig.Mode == MigMode.None && mig.Obstacle == MigObstacle.None && mig.Problem.Length == 0) return null;
        var size = mig.Geometry?.Grid.Size ?? 0;
        var isInferred = mig.Mode == MigMode.Fixed && mig.Told.Count == 0;
        var inference = isInferred ? mig.Inference : null;
        return new MigBody(
            mig.Mode.ToString(),
            mig.Geometry?.Name,
            NullIfEmpty(MigObstacles.Describe(mig.Obstacle)),
            NullIfEmpty(mig.Problem),
            inference?.Status.ToString(),
            NullIfEmpty(inference?.Reason ?? ""),
            inference is null ? null : Slices(inference.CertainlyTaken, size),
            inference is null ? null : Slices(inference.PossiblyTaken, size),
            mig.GpuMask != 0 && mig.AreGpusInferred,
            [.. Enumerable.Range(0, NodePage.MaxDevices).Where(gpu => (mig.GpuMask >> gpu & 1) != 0).Select(gpu => Gpu(mig, gpu, page, row, size))]);
    }

    private static MigGpuBody Gpu(MigNode mig, int gpu, NodePage page, int row, int size)
    {
        var instances = page.Pods(row).ToArray().SelectMany(pod => pod.Mig.Where(slot => slot.Gpu == gpu)
            .Select(slot => new MigInstanceBody(slot.Profile.Name, slot.Start, pod.Pod.FullName, pod.MigInferred))).ToList();
        foreach (var slot in mig.Told.Where(slot => slot.Gpu == gpu))
        {
            if (!instances.Exists(held => held.Start == slot.Start && held.Profile == slot.Profile.Name)) instances.Add(new(slot.Profile.Name, slot.Start, null, false));
        }

        int? taken = mig.Mode == MigMode.Dynamic ? page.MigMasks(row)[gpu] : mig.Told.Count == 0 ? null : Mask(mig, gpu);
        return new MigGpuBody(gpu, taken is { } mask ? Slices(mask, size) : null, [.. instances.OrderBy(instance => instance.Start)]);
    }

    private static int Mask(MigNode mig, int gpu)
    {
        var mask = 0;
        foreach (var slot in mig.Told.Where(slot => slot.Gpu == gpu))
        {
            var profile = mig.Geometry?.IndexOf(slot.Profile) ?? -1;
            if (profile >= 0) mask |= ((1 << mig.Geometry!.Profiles[profile].Size) - 1) << slot.Start;
        }

        return mask;
    }

    private static string Slices(int mask, int size) => string.Concat(Enumerable.Range(0, size).Select(slice => (mask >> slice & 1) != 0 ? '1' : '0'));

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
