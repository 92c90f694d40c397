using System.Text;
using System.Text.Json.Nodes;
using GpuScheduler.Core.Binding;
using GpuScheduler.Core.Ledger;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Planning;
using GpuScheduler.Core.Scoring;
using GpuScheduler.Core.Snapshots;
using GpuScheduler.Extender.Recording;

namespace GpuScheduler.Extender.Tests;

/// <summary>The verbs over a ledger that the test changes, called in-process.</summary>
internal sealed class ExtenderHarness
{
    public ExtenderHarness(
        ExtenderOptions? options = null, IScoringStrategy? strategy = null, IExtenderObserver? observer = null, LedgerOptions? ledgerOptions = null,
        DecisionRing? decisions = null, TimeProvider? time = null, IFilterPace? pace = null)
    {
        Strategy = new SingleStrategy(strategy ?? new PackGpus());
        Verbs = new ExtenderVerbs(Store, Binder, Strategy, ledgerOptions ?? new LedgerOptions(), options, observer: observer, time: time, decisions: decisions, pace: pace);
    }

    public ClusterLedger Ledger { get; } = new();

    public SnapshotStore Store { get; } = new();

    public RecordingBinder Binder { get; } = new();

    public SingleStrategy Strategy { get; }

    public ExtenderVerbs Verbs { get; }

    public ExtenderHarness With(params IEnumerable<Node> nodes)
    {
        foreach (var node in nodes) Ledger.UpsertNode(node);
        return Publish();
    }

    public ExtenderHarness With(params IEnumerable<Pod> pods)
    {
        foreach (var pod in pods) Ledger.UpsertPod(pod);
        return Publish();
    }

    public ExtenderHarness Publish()
    {
        Store.Publish(Ledger.Publish());
        return this;
    }

    public string CallRaw(ExtenderVerb verb, ReadOnlySpan<byte> body)
    {
        var call = Verbs.Rent();
        try
        {
            call.Body.Append(body);
            if (verb == ExtenderVerb.Bind) Verbs.BindAsync(call, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            else Verbs.Answer(verb, call);
            return Encoding.UTF8.GetString(call.Answer.ToArray());
        }
        finally
        {
            Verbs.Return(call);
        }
    }

    public string CallRaw(ExtenderVerb verb, string body) => CallRaw(verb, Encoding.UTF8.GetBytes(body));

    public FilterAnswer Filter(string body) => FilterAnswer.Parse(CallRaw(ExtenderVerb.Filter, body));

    public Dictionary<string, int> Prioritize(string body) =>
        JsonNode.Parse(CallRaw(ExtenderVerb.Prioritize, body))!.AsArray().ToDictionary(entry => (string)entry!["Host"]!, entry => (int)entry!["Score"]!);

    public Dictionary<string, string[]> Preempt(string body) =>
        JsonNode.Parse(CallRaw(ExtenderVerb.Preempt, body))!["NodeNameToMetaVictims"]!.AsObject().ToDictionary(
            node => node.Key,
            node => node.Value!["Pods"]!.AsArray().Select(pod => (string)pod!["UID"]!).ToArray());

    public string Bind(string body) => (string)JsonNode.Parse(CallRaw(ExtenderVerb.Bind, body))!["Error"]!;
}

/// <summary>A filter answer as kube-scheduler decodes it.</summary>
internal sealed record FilterAnswer(
    string[]? NodeNames, JsonNode? Nodes, Dictionary<string, string> Failed, Dictionary<string, string> Unresolvable, string Error)
{
    /// <summary>The names of an answer that must have them.</summary>
    public string[] Offered => NodeNames ?? throw new InvalidOperationException("the answer has no NodeNames");

    public static FilterAnswer Parse(string json)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        Assert.Equal(["Nodes", "NodeNames", "FailedNodes", "FailedAndUnresolvableNodes", "Error"], root.Select(field => field.Key));
        return new FilterAnswer(
            root[nameof(NodeNames)]?.AsArray().Select(name => (string)name!).ToArray(),
            root[nameof(Nodes)],
            root["FailedNodes"]!.AsObject().ToDictionary(node => node.Key, node => (string)node.Value!),
            root["FailedAndUnresolvableNodes"]!.AsObject().ToDictionary(node => node.Key, node => (string)node.Value!),
            (string)root[nameof(Error)]!);
    }
}

/// <summary>A binder that does as it is told and remembers what it was asked.</summary>
internal sealed class RecordingBinder : IPodBinder
{
    public List<BindRequest> Requests { get; } = [];

    public Func<BindRequest, BindOutcome> Answer { get; set; } = _ => BindOutcome.Bound(0);

    public ValueTask<BindOutcome> BindAsync(BindRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        return ValueTask.FromResult(Answer(request));
    }
}
