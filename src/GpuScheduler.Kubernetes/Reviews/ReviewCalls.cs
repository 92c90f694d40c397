namespace GpuScheduler.Kubernetes;

/// <summary>Asking the API server who somebody is and what they may do, in terms of <see cref="IKubernetesApi"/>.</summary>
public static class ReviewCalls
{
    /// <summary>Asks whose a token is.</summary>
    /// <param name="api">The client; it needs the right to <c>create tokenreviews</c>.</param>
    /// <param name="token">The token.</param>
    /// <param name="audiences">Whom the token must be meant for, at least one of them; empty for the API server itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<ApiResult<TokenReview>> ReviewTokenAsync(
        this IKubernetesApi api, string token, IReadOnlyList<string> audiences, CancellationToken cancellationToken) =>
        api.CreateAsync(ResourceType.TokenReviews, null, new TokenReview { Token = token, Audiences = audiences }, TokenReviewModel.Codec, cancellationToken);

    /// <summary>Asks whether a user may do something at a path that is no resource.</summary>
    /// <param name="api">The client; it needs the right to <c>create subjectaccessreviews</c>.</param>
    /// <param name="user">The user.</param>
    /// <param name="path">The path, as in <c>nonResourceURLs</c>.</param>
    /// <param name="verb">The verb, e.g. <c>get</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static Task<ApiResult<SubjectAccessReview>> ReviewAccessAsync(
        this IKubernetesApi api, ReviewedUser user, string path, string verb, CancellationToken cancellationToken) =>
        api.CreateAsync(
            ResourceType.SubjectAccessReviews, null, new SubjectAccessReview { User = user, Path = path, Verb = verb }, SubjectAccessReviewModel.Codec,
            cancellationToken);
}
