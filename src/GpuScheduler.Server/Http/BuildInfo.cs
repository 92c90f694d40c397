using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace GpuScheduler.Server.Http;

/// <summary>What was built, and on what it runs.</summary>
internal static class BuildInfo
{
    /// <summary>The answer of <c>/version</c> and of the version command.</summary>
    public static VersionBody Current { get; } = Read();

    private static VersionBody Read()
    {
        // The SDK writes VERSION+COMMIT when it builds inside a git checkout.
        var informational = typeof(BuildInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+');
        var simdBits = Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;
        return new VersionBody(
            informational[0],
            informational.Length > 1 ? informational[1] : null,
            RuntimeInformation.FrameworkDescription,
            RuntimeInformation.RuntimeIdentifier,
            simdBits);
    }
}
