using System.ComponentModel;
using System.Diagnostics;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Tests.Deploy;

/// <summary>The plain manifests with components, put together as <c>kubectl apply -k</c> does.</summary>
internal static class Kustomize
{
    /// <summary>The objects; a skipped test without kubectl.</summary>
    /// <param name="resources">A folder of <c>deploy/</c>.</param>
    /// <param name="components">Folders of <c>deploy/components/</c>.</param>
    public static IReadOnlyList<YamlMappingNode> Build(string resources, params string[] components)
    {
        var folder = Directory.CreateTempSubdirectory("gpu-scheduler-kustomize-").FullName;
        try
        {
            string From(params string[] path) => Path.GetRelativePath(folder, Repository.Path(["deploy", .. path]));
            File.WriteAllText(Path.Combine(folder, "kustomization.yaml"), $"""
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: ["{From(resources)}"]
                components: [{string.Join(", ", components.Select(name => $"\"{From("components", name)}\""))}]
                """);
            var stream = new YamlStream();
            var output = Run(folder);
            Skip.If(output is null, "no kubectl here, which holds kustomize");
            stream.Load(new StringReader(output!));
            return [.. stream.Documents.Select(document => (YamlMappingNode)document.RootNode)];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Run(string folder)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("kubectl", ["kustomize", folder]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, error.GetAwaiter().GetResult());
            return output;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
