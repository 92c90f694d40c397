using GpuScheduler.LoadTest.Bodies;
using GpuScheduler.LoadTest.Http;

namespace GpuScheduler.LoadTest.Scenarios;

/// <summary>Makes the scenarios that the service is put under.</summary>
/// <param name="bodies">Makes requests.</param>
/// <param name="nodes">The service's nodes, names and zones.</param>
/// <param name="probe">A connection to ask what has to be known beforehand.</param>
internal sealed class ServiceScenarios(RequestBodies bodies, IReadOnlyList<(string Name, string Zone)> nodes, HttpConnection probe)
{
    /// <summary>Different orders of the same names, in turn: no two calls of a scheduler come in the same, so there must be too many to remember.</summary>
    private const int Orders = 16;

    /// <summary>The scenario of a verb: each pod shape with each order of names.</summary>
    public CallScenario Of(LoadVerb verb, int names, NodeOrder order, int seed)
    {
        var sequences = new List<RequestTemplate[]>();
        for (var i = 0; i < Orders; i++)
        {
            var json = RequestBodies.NamesJson(NodeOrders.Arrange(nodes, names, order, seed + i));
            foreach (var (_, resources) in PodShapes.All)
            {
                var filter = bodies.Filter(resources, json);
                if (verb == LoadVerb.Filter) sequences.Add([filter]);
                else if (verb == LoadVerb.Prioritize) sequences.Add([bodies.Prioritize(resources, json)]);
                else sequences.Add(Cycle(filter, resources));
            }
        }

        return new CallScenario(verb.ToString().ToLowerInvariant(), sequences);
    }

    /// <summary>
    /// Puts a pod on a node: filter for this one node, which makes the service know the pod, and bind. One bind is two pod events to the
    /// service, as in a cluster: assumed by bind, then confirmed.
    /// </summary>
    /// <param name="isRefused">The pod fits nowhere: the same calls, but nothing changes.</param>
    public CallScenario Bind(bool isRefused)
    {
        var asked = bodies.Filter(PodShapes.Tiny, RequestBodies.NamesJson(nodes.Select(node => node.Name)));
        if (probe.Call(asked, 0) is { } problem) throw new InvalidOperationException(problem);
        var failed = RequestBodies.FailedIn(probe.Answer.ToArray());
        var feasible = nodes.Select(node => node.Name).Where(name => !failed.Contains(name));
        var resources = isRefused ? PodShapes.Huge : PodShapes.Tiny;
        return new CallScenario(
            isRefused ? "refused bind" : "bind",
            [.. feasible.Select(node => new[]
            {
                bodies.Filter(resources, RequestBodies.NamesJson([node])),
                bodies.Bind(node, isRefused ? AnswerKind.SomeError : AnswerKind.EmptyError),
            })]);
    }

    private RequestTemplate[] Cycle(RequestTemplate filter, string resources)
    {
        if (probe.Call(filter, 0) is { } problem) throw new InvalidOperationException(problem);
        var feasible = RequestBodies.NamesIn(probe.Answer.ToArray());
        // kube-scheduler asks for no scores when only one node, or none, is left.
        return System.Text.Json.JsonSerializer.Deserialize<string[]>(feasible)!.Length > 1 ? [filter, bodies.Prioritize(resources, feasible)] : [filter];
    }
}
