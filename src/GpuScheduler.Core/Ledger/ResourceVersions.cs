using System.Globalization;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// Orders versions of one object. Kubernetes called them opaque until KEP-5504 (1.35) promised that they compare as numbers, which they have
/// always been with etcd; versions that are not numbers are taken as newer, because dropping a real change is worse than applying an old one.
/// </summary>
internal static class ResourceVersions
{
    public static bool IsOlder(string candidate, string current) =>
        ulong.TryParse(candidate, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
        && ulong.TryParse(current, NumberStyles.None, CultureInfo.InvariantCulture, out var b)
        && a < b;
}
