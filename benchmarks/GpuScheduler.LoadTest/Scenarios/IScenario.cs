using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.LoadTest.Scenarios;

/// <summary>
/// What happens at one arrival. The seam to the load generator: the project's owner named NBomber, which was not to be had from the package
/// feed, so <see cref="Load.OpenLoop"/> stands in; with NBomber, <c>Scenario.Create(Name, context =&gt; Run(...))</c> under
/// <c>Simulation.Inject</c> takes its place and the scenarios stay as they are.
/// </summary>
internal interface IScenario
{
    /// <summary>What it is called in reports.</summary>
    string Name { get; }

    /// <summary>Makes the calls of one arrival.</summary>
    /// <param name="caller">A connection, used by nobody else meanwhile.</param>
    /// <param name="number">Different for every arrival of a run.</param>
    /// <returns>What went wrong; null when nothing did.</returns>
    string? Run(ICaller caller, int number);
}

/// <summary>Sends a request and waits for its answer.</summary>
internal interface ICaller
{
    /// <summary>Makes a call for the pod of that number.</summary>
    /// <returns>What went wrong; null when the answer is as it should be.</returns>
    string? Call(RequestTemplate request, int number);
}
