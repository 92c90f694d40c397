namespace GpuScheduler.Server.Access;

/// <summary>What is said to a caller with a bearer token.</summary>
internal enum AccessOutcome
{
    /// <summary>It may read.</summary>
    Allowed,

    /// <summary>The token is nobody's.</summary>
    NotAccepted,

    /// <summary>The token is somebody's who may not.</summary>
    Forbidden,

    /// <summary>Nobody can tell just now.</summary>
    Unknown,
}

/// <summary>An outcome and its reason.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="Reason">Why, for the caller; empty where there is nothing to say.</param>
internal readonly record struct AccessDecision(AccessOutcome Outcome, string Reason = "");

/// <summary>Tells whether a bearer token opens a path.</summary>
internal interface ITokenJudge
{
    /// <summary>Where callers get a token that this judge accepts; part of a sentence.</summary>
    string Advice { get; }

    /// <summary>Judges.</summary>
    /// <param name="token">The token.</param>
    /// <param name="path">The path that is asked for.</param>
    /// <param name="cancellationToken">The caller went away.</param>
    ValueTask<AccessDecision> JudgeAsync(string token, string path, CancellationToken cancellationToken);
}
