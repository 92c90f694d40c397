using System.Globalization;
using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>Reads <c>/version</c> and <c>/apis</c>.</summary>
internal static class DiscoveryReaders
{
    public static IObjectReader<ServerInfo> Version { get; } = new VersionReader();

    public static IObjectReader<IReadOnlySet<string>> Groups { get; } = new GroupsReader();

    private sealed class VersionReader : IObjectReader<ServerInfo>
    {
        public ObjectMeta MetaOf(ServerInfo value) => ObjectMeta.Empty;

        public ServerInfo Read(ref Utf8JsonReader reader)
        {
            var (version, major, minor) = ("", 0, 0);
            while (JsonRead.NextMember(ref reader))
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "gitVersion":
                        version = JsonRead.String(ref reader) ?? "";
                        break;
                    case "major":
                        major = Number(JsonRead.String(ref reader));
                        break;
                    case "minor":
                        minor = Number(JsonRead.String(ref reader));
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return new(version, major, minor, new HashSet<string>(StringComparer.Ordinal));
        }

        // vendors write "27+"
        private static int Number(string? text)
        {
            var digits = text.AsSpan();
            var end = digits.IndexOfAnyExceptInRange('0', '9');
            return int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
        }
    }

    private sealed class GroupsReader : IObjectReader<IReadOnlySet<string>>
    {
        public ObjectMeta MetaOf(IReadOnlySet<string> value) => ObjectMeta.Empty;

        public IReadOnlySet<string> Read(ref Utf8JsonReader reader)
        {
            var found = new HashSet<string>(StringComparer.Ordinal) { "v1" };
            var end = reader.CurrentDepth;
            while (reader.Read() && reader.CurrentDepth > end)
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("groupVersion"u8))
                {
                    reader.Read();
                    found.Add(JsonRead.String(ref reader) ?? "");
                }
            }

            return found;
        }
    }
}
