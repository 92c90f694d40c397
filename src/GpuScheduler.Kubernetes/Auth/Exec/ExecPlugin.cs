using System.Buffers;
using System.Text;
using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// An exec entry of a kubeconfig: a program that prints a credential. Follows client-go <c>plugin/pkg/client/auth/exec/exec.go</c> and
/// <c>tools/clientcmd/validation.go</c>.
/// </summary>
internal sealed record ExecPlugin
{
    private const string V1 = "client.authentication.k8s.io/v1";
    private const string V1Beta1 = "client.authentication.k8s.io/v1beta1";

    public required string Command { get; init; }

    public required string ApiVersion { get; init; }

    public IReadOnlyList<string> Args { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Env { get; init; } = [];

    public string InstallHint { get; init; } = "";

    /// <summary>Value of KUBERNETES_EXEC_INFO.</summary>
    public required string ExecInfo { get; init; }

    /// <summary>Where it is configured, for messages.</summary>
    public required string Source { get; init; }

    /// <exception cref="ClusterConfigException">A field is missing or unusable.</exception>
    public static ExecPlugin Read(YamlFields exec, YamlFields cluster, ClusterConnection connection)
    {
        var command = exec.Text("command") is { Length: > 0 } text ? text : throw exec.Bad("command", "missing");
        if (command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            command = Path.GetFullPath(command, KubeconfigFields.FolderOf(exec)); // a bare name is looked up in PATH
        }

        var apiVersion = exec.Text("apiVersion") ?? throw exec.Bad("apiVersion", "missing");
        if (apiVersion is not (V1 or V1Beta1))
        {
            throw exec.Bad("apiVersion", $"'{apiVersion}' is not supported; use {V1} or {V1Beta1}");
        }

        switch (exec.Text("interactiveMode"))
        {
            case "Never" or "IfAvailable":
            case null when apiVersion == V1Beta1:
                break;
            case null:
                throw exec.Bad("interactiveMode", $"missing; {V1} requires it");
            case "Always":
                throw exec.Bad("interactiveMode", "a service has no terminal: a plugin that always needs one cannot be used");
            case var other:
                throw exec.Bad("interactiveMode", $"'{other}' is none of Never, IfAvailable, Always");
        }

        return new ExecPlugin
        {
            Command = command,
            ApiVersion = apiVersion,
            Args = exec.Texts("args"),
            Env = [.. exec.Mappings("env").Select(
                e => KeyValuePair.Create(e.Text("name") ?? throw e.Bad("name", "missing"), e.Text("value") ?? ""))],
            InstallHint = exec.Text("installHint") ?? "",
            ExecInfo = WriteExecInfo(apiVersion, exec.Flag("provideClusterInfo") ? cluster : null, connection),
            Source = $"{exec.File}: {exec.PathOf("command")}",
        };
    }

    private static string WriteExecInfo(string apiVersion, YamlFields? cluster, ClusterConnection connection)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "ExecCredential");
            writer.WriteString("apiVersion", apiVersion);
            writer.WriteStartObject("spec");
            if (cluster is not null)
            {
                WriteCluster(writer, cluster, connection);
            }

            writer.WriteBoolean("interactive", false);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteCluster(Utf8JsonWriter writer, YamlFields cluster, ClusterConnection connection)
    {
        writer.WriteStartObject("cluster");
        OptionalString(writer, "server", cluster.Text("server"));
        OptionalString(writer, "tls-server-name", connection.TlsServerName);
        if (connection.SkipTlsVerify)
        {
            writer.WriteBoolean("insecure-skip-tls-verify", true);
        }

        // a CA in a file is handed over as data: the plugin may run where the file is not
        if (cluster.DataOrFile("certificate-authority") is { } authority)
        {
            writer.WriteString("certificate-authority-data", Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.Text)));
        }

        OptionalString(writer, "proxy-url", cluster.Text("proxy-url"));
        var extension = cluster.Mappings("extensions").FirstOrDefault(e => e.Text("name") == "client.authentication.k8s.io/exec");
        if (extension?.Node("extension") is { } config and (YamlMappingNode or YamlSequenceNode or YamlScalarNode))
        {
            writer.WritePropertyName("config");
            YamlToJson.Write(writer, config);
        }

        writer.WriteEndObject();
    }

    private static void OptionalString(Utf8JsonWriter writer, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            writer.WriteString(name, text);
        }
    }
}
