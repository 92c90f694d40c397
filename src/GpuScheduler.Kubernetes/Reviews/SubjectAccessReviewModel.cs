using k8s.Models;

namespace GpuScheduler.Kubernetes;

/// <summary>Access reviews of paths as the package's <see cref="V1SubjectAccessReview"/>.</summary>
internal static class SubjectAccessReviewModel
{
    public static IObjectCodec<SubjectAccessReview> Codec { get; } = new ModelCodec<SubjectAccessReview, V1SubjectAccessReview>(
        ModelContext.Default.V1SubjectAccessReview, ToModel, FromModel, _ => ObjectMeta.Empty);

    private static V1SubjectAccessReview ToModel(SubjectAccessReview review) => new()
    {
        ApiVersion = ResourceType.SubjectAccessReviews.ApiVersion,
        Kind = ResourceType.SubjectAccessReviews.Kind,
        Spec = new V1SubjectAccessReviewSpec
        {
            User = ModelMeta.NullIfEmpty(review.User?.Name),
            Uid = ModelMeta.NullIfEmpty(review.User?.Uid),
            Groups = review.User is { Groups.Count: > 0 } ? [.. review.User.Groups] : null,
            Extra = review.User is { Extra.Count: > 0 }
                ? review.User.Extra.ToDictionary(e => e.Key, e => (IList<string>)[.. e.Value], StringComparer.Ordinal)
                : null,
            NonResourceAttributes = new V1NonResourceAttributes { Path = review.Path, Verb = review.Verb },
        },
    };

    private static SubjectAccessReview FromModel(V1SubjectAccessReview model) => new()
    {
        IsAllowed = model.Status?.Allowed ?? false,
        Reason = model.Status?.Reason ?? "",
    };
}
