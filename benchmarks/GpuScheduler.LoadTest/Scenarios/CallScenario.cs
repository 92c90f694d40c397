using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.LoadTest.Scenarios;

/// <summary>At each arrival the next of a few sequences of calls, in turn; a sequence ends at its first failure.</summary>
/// <param name="name">See <see cref="IScenario.Name"/>.</param>
/// <param name="sequences">At least one.</param>
internal sealed class CallScenario(string name, IReadOnlyList<RequestTemplate[]> sequences) : IScenario
{
    /// <inheritdoc/>
    public string Name => name;

    /// <summary>The sequences.</summary>
    public IReadOnlyList<RequestTemplate[]> Sequences => sequences;

    /// <inheritdoc/>
    public string? Run(ICaller caller, int number)
    {
        foreach (var request in sequences[(int)((uint)number % (uint)sequences.Count)])
        {
            if (caller.Call(request, number) is { } problem) return problem;
        }

        return null;
    }
}
