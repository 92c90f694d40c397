using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>Token reviews as the package's <see cref="V1TokenReview"/>.</summary>
internal static class TokenReviewModel
{
    public static IObjectCodec<TokenReview> Codec { get; } =
        new ModelCodec<TokenReview, V1TokenReview>(ModelContext.Default.V1TokenReview, ToModel, FromModel, _ => ObjectMeta.Empty);

    private static V1TokenReview ToModel(TokenReview review) => new()
    {
        ApiVersion = ResourceType.TokenReviews.ApiVersion,
        Kind = ResourceType.TokenReviews.Kind,
        Spec = new V1TokenReviewSpec { Token = review.Token, Audiences = review.Audiences.Count > 0 ? [.. review.Audiences] : null },
    };

    private static TokenReview FromModel(V1TokenReview model) => new()
    {
        IsAuthenticated = model.Status?.Authenticated ?? false,
        User = model.Status?.User is { } user
            ? new(
                user.Username ?? "",
                user.Uid ?? "",
                [.. user.Groups ?? []],
                (user.Extra ?? new Dictionary<string, IList<string>>()).ToDictionary(e => e.Key, e => (IReadOnlyList<string>)[.. e.Value], StringComparer.Ordinal))
            : null,
        MatchedAudiences = [.. model.Status?.Audiences ?? []],
        Error = model.Status?.Error ?? "",
    };
}
