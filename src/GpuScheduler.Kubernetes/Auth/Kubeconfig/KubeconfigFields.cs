using System.Text;

namespace GpuScheduler.Kubernetes;

/// <summary>Fields that come in two forms, as data and as the path of a file; data wins (client-go <c>rest/config.go</c>).</summary>
internal static class KubeconfigFields
{
    /// <summary>
    /// Text of <paramref name="field"/>-data or of the file that <paramref name="field"/> names, and which of the two it was.
    /// </summary>
    /// <exception cref="ClusterConfigException">Not base64, or the file cannot be read.</exception>
    public static (string Text, string Field)? DataOrFile(this YamlFields fields, string field)
    {
        var data = $"{field}-data";
        if (fields.Base64(data) is { } bytes)
        {
            return (Encoding.UTF8.GetString(bytes), fields.PathOf(data));
        }

        if (fields.FilePath(field) is not { } path)
        {
            return null;
        }

        try
        {
            return (File.ReadAllText(path), fields.PathOf(field));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterConfigException(fields.File, fields.PathOf(field), e.Message, e);
        }
    }

    /// <summary>A path, relative ones meant from the kubeconfig's own folder.</summary>
    public static string? FilePath(this YamlFields fields, string field) =>
        fields.Text(field) is { Length: > 0 } path ? Path.GetFullPath(path, FolderOf(fields)) : null;

    /// <summary>The folder the kubeconfig lies in.</summary>
    public static string FolderOf(YamlFields fields) => Path.GetDirectoryName(Path.GetFullPath(fields.File)) ?? "/";

    /// <summary>An absolute address with one of the schemes.</summary>
    /// <exception cref="ClusterConfigException">It is none.</exception>
    public static Uri? Address(this YamlFields fields, string field, params string[] schemes)
    {
        if (fields.Text(field) is not { Length: > 0 } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && schemes.Contains(uri.Scheme)
            ? uri
            : throw fields.Bad(field, $"expected an address beginning with {string.Join(" or ", schemes.Select(s => $"{s}://"))}");
    }
}
