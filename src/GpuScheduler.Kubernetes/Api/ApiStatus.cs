namespace GpuScheduler.Kubernetes;

/// <summary>How far a call came.</summary>
public enum ApiOutcome
{
    /// <summary>The server answered 2xx.</summary>
    Success,

    /// <summary>The server answered, and refused; <see cref="ApiStatus.Code"/> says how.</summary>
    Refused,

    /// <summary>Nothing was sent: no connection, no name, no TLS, no credentials. The call certainly had no effect.</summary>
    NotSent,

    /// <summary>The request may have been received but no whole answer came back. A write may or may not have happened.</summary>
    Lost,

    /// <summary>A 2xx answer arrived that cannot be understood. A write has happened.</summary>
    Unreadable,
}

/// <summary>One detail of a refusal (<c>status.details.causes</c>).</summary>
/// <param name="Reason">Machine-readable reason, such as <c>FieldValueInvalid</c>.</param>
/// <param name="Message">Human-readable sentence.</param>
/// <param name="Field">Path of the offending field; empty when none.</param>
public sealed record ApiStatusCause(string Reason, string Message, string Field);

/// <summary>
/// What became of a call: the server's <c>Status</c> object, or our own account of why there was none. Refusals and lost
/// connections are ordinary outcomes and therefore values.
/// </summary>
/// <remarks>Reasons are those of apimachinery <c>pkg/apis/meta/v1/types.go</c> (StatusReason).</remarks>
/// <param name="Outcome">How far the call came.</param>
/// <param name="Code">HTTP status code, or the code inside a watch ERROR event; 0 when there was no answer.</param>
/// <param name="Reason">Machine-readable reason, such as <c>Conflict</c> or <c>Expired</c>; empty when none was given.</param>
/// <param name="Message">Human-readable sentence, the server's own where there is one.</param>
public sealed record ApiStatus(ApiOutcome Outcome, int Code, string Reason, string Message)
{
    /// <summary>A plain success.</summary>
    public static ApiStatus Ok { get; } = new(ApiOutcome.Success, 200, "", "");

    /// <summary>How long the server asked us to wait before calling again (Retry-After, or <c>details.retryAfterSeconds</c>).</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Details; empty when the server gave none.</summary>
    public IReadOnlyList<ApiStatusCause> Causes { get; init; } = [];

    /// <summary>Whether the call succeeded.</summary>
    public bool IsSuccess => Outcome == ApiOutcome.Success;

    /// <summary>Whether a write may have taken effect although this status is no success: look before doing it again.</summary>
    public bool MayHaveHappened => Outcome is ApiOutcome.Lost or ApiOutcome.Unreadable
        || (Outcome == ApiOutcome.Refused && Code is >= 500 and not 503);

    /// <summary>The resourceVersion or continue token is too old: list anew.</summary>
    public bool IsGone => Code == 410 || Reason is "Expired" or "Gone";

    /// <summary>The object does not exist.</summary>
    public bool IsNotFound => Code == 404;

    /// <summary>The object changed meanwhile, or already is what it must not be (a pod bound twice).</summary>
    public bool IsConflict => Code == 409 && Reason != "AlreadyExists";

    /// <summary>An object of that name exists.</summary>
    public bool IsAlreadyExists => Code == 409 && Reason == "AlreadyExists";

    /// <summary>The server rejected the request's content; old servers answer so to a watch-list they do not know.</summary>
    public bool IsInvalid => Code is 400 or 422;

    /// <summary>The server sheds load.</summary>
    public bool IsTooManyRequests => Code == 429;

    /// <summary>Our credentials are not accepted.</summary>
    public bool IsUnauthorized => Code == 401;

    /// <summary>We are known but may not do this.</summary>
    public bool IsForbidden => Code == 403;

    /// <summary>Whether the same call may succeed later without anyone changing anything.</summary>
    public bool IsTransient => Outcome is ApiOutcome.NotSent or ApiOutcome.Lost || Code is 408 or 429 or >= 500;

    /// <inheritdoc/>
    public override string ToString() => Code == 0 ? $"{Outcome}: {Message}" : $"{Code} {Reason}: {Message}";
}
