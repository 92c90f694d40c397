using System.Collections.Frozen;
using System.Security.Cryptography;

namespace GpuScheduler.Server.Dashboard;

/// <summary>The page's files, carried inside the executable and kept in memory: nothing is read from disk and nothing fetched from elsewhere.</summary>
internal static class DashboardFiles
{
    private const string Prefix = "Dashboard/";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, DashboardFile> Files = Load();

    /// <summary>The file of that name; null when there is none.</summary>
    public static DashboardFile? Find(string name) => Files.GetValueOrDefault(name);

    /// <summary>All of them.</summary>
    public static IEnumerable<DashboardFile> All => Files.Values;

    private static FrozenDictionary<string, DashboardFile> Load()
    {
        var assembly = typeof(DashboardFiles).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return new DashboardFile(name[Prefix.Length..], Types[Path.GetExtension(name)], bytes, ETagOf(bytes));
        }).ToFrozenDictionary(file => file.Name, StringComparer.Ordinal);
    }

    private static string ETagOf(byte[] bytes) => $"\"{Convert.ToHexString(SHA256.HashData(bytes), 0, 8)}\"";
}

/// <summary>A file of the page.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ContentType">What it is.</param>
/// <param name="Bytes">Its content.</param>
/// <param name="ETag">Changes with its content.</param>
internal sealed record DashboardFile(string Name, string ContentType, ReadOnlyMemory<byte> Bytes, string ETag);
