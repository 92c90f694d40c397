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
