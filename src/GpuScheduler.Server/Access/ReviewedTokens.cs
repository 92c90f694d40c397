using System.Security.Cryptography;
using System.Text;
using GpuScheduler.Kubernetes;
using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Access;

/// <summary>
/// Tokens that the API server knows: a TokenReview tells whose one is, a SubjectAccessReview whether that user may <c>get</c> the path, as for
/// kube-scheduler's or metrics-server's own metrics. Both answers, good and bad, are remembered for ten seconds, the time that Kubernetes' own
/// servers take for delegated decisions (<c>k8s.io/apiserver/pkg/server/options</c>, DelegatingAuthenticationOptions and DelegatingAuthorizationOptions).
/// </summary>
internal sealed class ReviewedTokens : ITokenJudge
{
    /// <summary>How long an answer is remembered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    /// <summary>How long it is remembered that there was none: an API server that is down is not asked by every caller.</summary>
    public static readonly TimeSpan LifetimeOfFailure = TimeSpan.FromSeconds(1);

    private const string Verb = "get";
    private const int Remembered = 4096;

    private readonly IKubernetesApi _api;
    private readonly IReadOnlyList<string> _audiences;
    private readonly ShortMemory<string, Reviewed> _users;
    private readonly ShortMemory<(string Token, string Path), AccessDecision> _rights;

    /// <summary>Asks the API server.</summary>
    /// <param name="api">The API server.</param>
    /// <param name="audiences">Whom tokens must be meant for; empty for the API server itself.</param>
    /// <param name="time">Tells how old an answer is.</param>
    public ReviewedTokens(IKubernetesApi api, IReadOnlyList<string> audiences, TimeProvider time)
    {
        (_api, _audiences) = (api, audiences);
        _users = new(Remembered, reviewed => LifetimeOf(reviewed.Refusal?.Outcome), time);
        _rights = new(Remembered, decision => LifetimeOf(decision.Outcome), time);
    }

    public string Advice =>
        $"a service account's token will do: kubectl create token NAME -n NAMESPACE{string.Concat(_audiences.Take(1).Select(audience => $" --audience {audience}"))}";

    public async ValueTask<AccessDecision> JudgeAsync(string token, string path, CancellationToken cancellationToken)
    {
        // What is remembered must not be the secret itself.
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
        var reviewed = await _users.GetAsync(key, () => WhoseAsync(token), cancellationToken);
        return reviewed.Refusal ?? await _rights.GetAsync((key, path), () => MayAsync(reviewed.User!, path), cancellationToken);
    }

    private static TimeSpan LifetimeOf(AccessOutcome? outcome) => outcome == AccessOutcome.Unknown ? LifetimeOfFailure : Lifetime;

    private async Task<Reviewed> WhoseAsync(string token)
    {
        var result = await _api.ReviewTokenAsync(token, _audiences, CancellationToken.None);
        if (!result.TryGet(out var review, out var status)) return Refused(AccessOutcome.Unknown, $"the API server does not answer the TokenReview: {status}");
        if (!review.IsAuthenticated || review.User is null) return Refused(AccessOutcome.NotAccepted, review.Error);
        // An API server that does not look at audiences answers none; such a token may be meant for anybody.
        return _audiences.Count == 0 || review.MatchedAudiences.Intersect(_audiences).Any() ? new Reviewed(review.User, null)
            : Refused(AccessOutcome.NotAccepted, $"it is not meant for {string.Join(" or ", _audiences)}");
    }

    private async Task<AccessDecision> MayAsync(ReviewedUser user, string path)
    {
        var result = await _api.ReviewAccessAsync(user, path, Verb, CancellationToken.None);
        if (!result.TryGet(out var review, out var status)) return new(AccessOutcome.Unknown, $"the API server does not answer the SubjectAccessReview: {status}");
        return review.IsAllowed ? new(AccessOutcome.Allowed)
            : new(AccessOutcome.Forbidden, $"{user.Name} may not {Verb} {path}{(review.Reason.Length > 0 ? $" ({review.Reason})" : "")}");
    }

    private static Reviewed Refused(AccessOutcome outcome, string reason) => new(null, new AccessDecision(outcome, reason));

    /// <summary>A user, or why there is none.</summary>
    private sealed record Reviewed(ReviewedUser? User, AccessDecision? Refusal);
}
