using System.Globalization;
using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>What <c>/version</c> and <c>/apis</c> say.</summary>
internal static class Discovery
{
    public static IObjectReader<VersionInfo> Version { get; } = new ModelReader<VersionInfo>(ModelContext.Default.VersionInfo);

    public static IObjectReader<V1APIGroupList> Groups { get; } = new ModelReader<V1APIGroupList>(ModelContext.Default.V1APIGroupList);

    public static ServerInfo Combine(VersionInfo version, V1APIGroupList list)
    {
        var groupVersions = (list.Groups ?? []).SelectMany(group => group.Versions ?? []).Select(v => v.GroupVersion).OfType<string>();
        return new(
            version.GitVersion ?? "",
            Number(version.Major),
            Number(version.Minor),
            new HashSet<string>(groupVersions, StringComparer.Ordinal) { "v1" });
    }

    // vendors write "27+"
    private static int Number(string? text)
    {
        var digits = text.AsSpan();
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
    }
}
