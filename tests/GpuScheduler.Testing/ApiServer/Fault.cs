namespace GpuScheduler.Testing;

/// <summary>One entry of the fault script, as <see cref="FaultBuilder"/> wrote it.</summary>
internal sealed record Fault
{
    public required string Verb { get; init; }

    public required string Resource { get; init; }

    public int Remaining { get; set; } = 1;

    /// <summary>Whether the call takes effect before it goes wrong.</summary>
    public bool Apply { get; init; }

    public int? Code { get; init; }

    public string Reason { get; init; } = "";

    public string Message { get; init; } = "";

    public bool IsPlainText { get; init; }

    public int? RetryAfterSeconds { get; init; }

    public bool Reset { get; init; }

    public long? BodyBytes { get; init; }

    public Gate? HoldBefore { get; init; }

    public Gate? HoldAfter { get; init; }

    public Gate? HoldBody { get; init; }

    public bool CutsBody => BodyBytes is not null && HoldBody is null;
}

/// <summary>
/// Says how the next matching calls go wrong: <c>server.On("create", "pods/binding").ApplyThenReset()</c>. Each finishing method writes
/// one entry of the script; entries for the same calls are used up in the order written.
/// </summary>
public sealed class FaultBuilder
{
    private readonly Action<Fault> _add;
    private readonly Fault _fault;
    private int _times = 1;

    internal FaultBuilder(string verb, string resource, Action<Fault> add)
    {
        _add = add;
        _fault = new Fault { Verb = verb, Resource = resource };
    }

    /// <summary>How many calls it applies to; one unless said otherwise.</summary>
    public FaultBuilder Times(int count)
    {
        _times = count;
        return this;
    }

    /// <summary>It applies to every call from now on, until <see cref="FakeApiServer.ClearFaults"/>.</summary>
    public FaultBuilder Always() => Times(int.MaxValue);

    /// <summary>Refuses with a Status object, and a Retry-After header where given. The call has no effect.</summary>
    public void Answer(int code, string reason = "", string message = "", int? retryAfterSeconds = null) =>
        Add(_fault with { Code = code, Reason = reason, Message = message, RetryAfterSeconds = retryAfterSeconds });

    /// <summary>Refuses in plain text, as the API server's priority filter and proxies do.</summary>
    public void AnswerText(int code, string text, int? retryAfterSeconds = null) =>
        Add(_fault with { Code = code, Message = text, IsPlainText = true, RetryAfterSeconds = retryAfterSeconds });

    /// <summary>Does what was asked, then answers an error all the same.</summary>
    public void ApplyThenAnswer(int code, string reason = "", string message = "") =>
        Add(_fault with { Apply = true, Code = code, Reason = reason, Message = message });

    /// <summary>Closes the connection instead of answering. The call has no effect.</summary>
    public void Reset() => Add(_fault with { Reset = true });

    /// <summary>Does what was asked, then closes the connection instead of answering.</summary>
    public void ApplyThenReset() => Add(_fault with { Apply = true, Reset = true });

    /// <summary>Closes the connection after so many bytes of the answer's body.</summary>
    public void CutBodyAfter(long bytes) => Add(_fault with { BodyBytes = bytes });

    /// <summary>Holds the call before it takes effect.</summary>
    public Gate HoldBefore()
    {
        var gate = new Gate();
        Add(_fault with { HoldBefore = gate });
        return gate;
    }

    /// <summary>Holds the answer after the call took effect.</summary>
    public Gate HoldAfter()
    {
        var gate = new Gate();
        Add(_fault with { HoldAfter = gate });
        return gate;
    }

    /// <summary>Sends so many bytes of the answer's body and holds the rest.</summary>
    public Gate HoldBodyAfter(long bytes)
    {
        var gate = new Gate();
        Add(_fault with { BodyBytes = bytes, HoldBody = gate });
        return gate;
    }

    private void Add(Fault fault)
    {
        fault.Remaining = _times;
        _add(fault);
    }
}
