namespace GpuScheduler.Server.Tests;

/// <summary>The checkout this test was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "GpuScheduler.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"no GpuScheduler.sln above {AppContext.BaseDirectory}");
    }
}
