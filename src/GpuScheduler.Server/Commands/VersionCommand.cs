using System.CommandLine;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Commands;

/// <summary><c>gpu-scheduler version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Print the version, the commit, the runtime and the width of the processor's vectors.");
        command.SetAction(_ =>
        {
            var build = BuildInfo.Current;
            Console.WriteLine($"gpu-scheduler {build.Version}");
            if (build.GitCommit is not null) Console.WriteLine($"commit  {build.GitCommit}");
            Console.WriteLine($"runtime {build.Runtime} on {build.Platform}, {build.SimdBits}-bit vectors");
            return ExitCode.Success;
        });
        return command;
    }
}
