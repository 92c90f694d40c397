using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.LoadTest.Scenarios;

/// <summary>Makes the scenario of the floor out of the service's: the same bodies in, and out what the service answers now.</summary>
internal static class FloorScenario
{
    /// <summary>Asks the service everything once and prepares its answers at the floor.</summary>
    /// <exception cref="InvalidOperationException">The service does not answer as it should.</exception>
    public static async Task<CallScenario> PrepareAsync(
        CallScenario service, HttpConnection probe, HttpClient http, Uri floor, CancellationToken cancellationToken)
    {
        var sequences = new List<RequestTemplate[]>();
        foreach (var calls in service.Sequences)
        {
            var sequence = new List<RequestTemplate>();
            foreach (var call in calls)
            {
                if (probe.Call(call, 0) is { } problem) throw new InvalidOperationException(problem);
                var path = $"{call.Path}/{sequences.Count}-{sequence.Count}";
                using var answer = new ByteArrayContent(probe.Answer.ToArray());
                using var prepared = await http.PutAsync(new Uri(floor, path), answer, cancellationToken);
                prepared.EnsureSuccessStatusCode();
                sequence.Add(call.SentTo(floor.Authority, path));
            }

            sequences.Add([.. sequence]);
        }

        return new CallScenario($"{service.Name} at the floor", sequences);
    }
}
