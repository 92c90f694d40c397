using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>An <c>authentication.k8s.io/v1</c> TokenReview: asks whose a bearer token is. The server answers it and stores nothing.</summary>
public sealed record TokenReview
{
    /// <summary>The token asked about; empty in an answer.</summary>
    public string Token { get; init; } = "";

    /// <summary>Whom the token must be meant for; empty for the API server itself.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>Whether the token is good.</summary>
    public bool IsAuthenticated { get; init; }

    /// <summary>Whose it is; null unless it is good.</summary>
    public ReviewedUser? User { get; init; }

    /// <summary>Those of the audiences asked for that the token is meant for; empty from a server that does not look at audiences.</summary>
    public IReadOnlyList<string> MatchedAudiences { get; init; } = [];

    /// <summary>Why the token could not be checked; empty when it could.</summary>
    public string Error { get; init; } = "";

    /// <summary>Says nothing of the token, which is a secret.</summary>
    public override string ToString() => IsAuthenticated ? $"token of {User?.Name}" : $"token of nobody known {Error}".TrimEnd();
}

/// <summary>A user as the API server knows it.</summary>
/// <param name="Name">Name, e.g. <c>system:serviceaccount:monitoring:prometheus</c>.</param>
/// <param name="Uid">UID; empty for none.</param>
/// <param name="Groups">Groups.</param>
/// <param name="Extra">What authenticators say besides.</param>
public sealed record ReviewedUser(string Name, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Extra);

/// <summary>Writes the question and reads the answer of a <see cref="TokenReview"/>.</summary>
public sealed class TokenReviewCodec : IObjectCodec<TokenReview>
{
    private TokenReviewCodec()
    {
    }

    /// <summary>The one instance; it holds no state.</summary>
    public static TokenReviewCodec Instance { get; } = new();

    /// <inheritdoc/>
    public ObjectMeta MetaOf(TokenReview value) => ObjectMeta.Empty;

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter writer, TokenReview value)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", ResourceType.TokenReviews.ApiVersion);
        writer.WriteString("kind", ResourceType.TokenReviews.Kind);
        writer.WriteStartObject("spec");
        writer.WriteString("token", value.Token);
        if (value.Audiences.Count > 0) writer.StringList("audiences", value.Audiences);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public TokenReview Read(ref Utf8JsonReader reader)
    {
        var review = new TokenReview();
        while (JsonRead.NextMember(ref reader))
        {
            if (reader.ValueTextEquals("status"u8))
            {
                reader.Read();
                ReadStatus(ref reader, ref review);
            }
            else
            {
                JsonRead.SkipMember(ref reader);
            }
        }

        return review;
    }

    private static void ReadStatus(ref Utf8JsonReader reader, ref TokenReview review)
    {
        if (!JsonRead.EnterObject(ref reader)) return;
        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "authenticated":
                    review = review with { IsAuthenticated = reader.TokenType == JsonTokenType.True };
                    break;
                case "user":
                    review = review with { User = ReadUser(ref reader) };
                    break;
                case "audiences":
                    review = review with { MatchedAudiences = JsonRead.StringList(ref reader) };
                    break;
                case "error":
                    review = review with { Error = JsonRead.String(ref reader) ?? "" };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static ReviewedUser? ReadUser(ref Utf8JsonReader reader)
    {
        if (!JsonRead.EnterObject(ref reader)) return null;
        var user = new ReviewedUser("", "", [], new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal));
        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "username":
                    user = user with { Name = JsonRead.String(ref reader) ?? "" };
                    break;
                case "uid":
                    user = user with { Uid = JsonRead.String(ref reader) ?? "" };
                    break;
                case "groups":
                    user = user with { Groups = JsonRead.StringList(ref reader) };
                    break;
                case "extra":
                    user = user with { Extra = ReadExtra(ref reader) };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return user;
    }

    private static Dictionary<string, IReadOnlyList<string>> ReadExtra(ref Utf8JsonReader reader)
    {
        var extra = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (!JsonRead.EnterObject(ref reader)) return extra;
        while (JsonRead.NextMember(ref reader))
        {
            var key = reader.GetString()!;
            reader.Read();
            extra[key] = JsonRead.StringList(ref reader);
        }

        return extra;
    }
}
