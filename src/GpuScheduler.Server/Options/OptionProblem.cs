namespace GpuScheduler.Server.Options;

/// <summary>Something wrong with the options.</summary>
/// <param name="Where">The file with line and column, <c>config.yaml:3:5</c>, or the command-line option, <c>--urls</c>.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record OptionProblem(string Where, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Where}: {Message}";
}
