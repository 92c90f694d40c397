using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>
/// An <c>authorization.k8s.io/v1</c> SubjectAccessReview of a path that is no resource: asks whether a user may do something there. The server
/// answers it and stores nothing.
/// </summary>
public sealed record SubjectAccessReview
{
    /// <summary>Who asks; null in an answer.</summary>
    public ReviewedUser? User { get; init; }

    /// <summary>The path, as in <c>nonResourceURLs</c> of an RBAC rule.</summary>
    public string Path { get; init; } = "";

    /// <summary>The verb, e.g. <c>get</c>.</summary>
    public string Verb { get; init; } = "";

    /// <summary>Whether the user may.</summary>
    public bool IsAllowed { get; init; }

    /// <summary>Why, or why not; empty when the server does not say.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>Writes the question and reads the answer of a <see cref="SubjectAccessReview"/>.</summary>
public sealed class SubjectAccessReviewCodec : IObjectCodec<SubjectAccessReview>
{
    private SubjectAccessReviewCodec()
    {
    }

    /// <summary>The one instance; it holds no state.</summary>
    public static SubjectAccessReviewCodec Instance { get; } = new();

    /// <inheritdoc/>
    public ObjectMeta MetaOf(SubjectAccessReview value) => ObjectMeta.Empty;

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter writer, SubjectAccessReview value)
    {
        writer.WriteStartObject();
        writer.WriteString("apiVersion", ResourceType.SubjectAccessReviews.ApiVersion);
        writer.WriteString("kind", ResourceType.SubjectAccessReviews.Kind);
        writer.WriteStartObject("spec");
        if (value.User is { } user)
        {
            writer.OptionalString("user", user.Name);
            writer.OptionalString("uid", user.Uid);
            if (user.Groups.Count > 0) writer.StringList("groups", user.Groups);
            if (user.Extra.Count > 0) WriteExtra(writer, user.Extra);
        }

        writer.WriteStartObject("nonResourceAttributes");
        writer.WriteString("path", value.Path);
        writer.WriteString("verb", value.Verb);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public SubjectAccessReview Read(ref Utf8JsonReader reader)
    {
        var review = new SubjectAccessReview();
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

    private static void WriteExtra(Utf8JsonWriter writer, IReadOnlyDictionary<string, IReadOnlyList<string>> extra)
    {
        writer.WriteStartObject("extra");
        foreach (var (key, values) in extra) writer.StringList(key, values);
        writer.WriteEndObject();
    }

    private static void ReadStatus(ref Utf8JsonReader reader, ref SubjectAccessReview review)
    {
        if (!JsonRead.EnterObject(ref reader)) return;
        while (JsonRead.NextMember(ref reader))
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "allowed":
                    review = review with { IsAllowed = reader.TokenType == JsonTokenType.True };
                    break;
                case "reason":
                    review = review with { Reason = JsonRead.String(ref reader) ?? "" };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }
}
