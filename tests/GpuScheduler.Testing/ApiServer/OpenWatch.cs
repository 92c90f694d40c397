using System.Text;
using System.Threading.Channels;

namespace GpuScheduler.Testing;

/// <summary>One watch a client holds open: what is put here is sent in order.</summary>
internal sealed class OpenWatch(string collection, string ns, Selector selector, bool wantsBookmarks)
{
    private readonly Channel<Step> _steps = Channel.CreateUnbounded<Step>();

    public enum StepKind
    {
        Bytes,
        Cut,
        End,
    }

    public ChannelReader<Step> Steps => _steps.Reader;

    public string Collection => collection;

    /// <summary>A frozen watch stays open and silent, like a half-open connection.</summary>
    public bool IsFrozen { get; set; }

    public void Send(StoredChange change)
    {
        var before = InView(change.Before);
        var after = InView(change.After);
        var type = (before, after) switch
        {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            _ => null,
        };
        if (type is not null)
        {
            // what left the view is sent as it last was in view, under the version of the change (apiserver cacher.go)
            var json = type == "DELETED" ? ObjectStore.WithVersion(change.Before!, change.ResourceVersion).Json : change.After!.Json;
            SendEvent(type, json);
        }
    }

    public void SendInitial(StoredObject stored, byte[] json)
    {
        if (InView(stored))
        {
            SendEvent("ADDED", json);
        }
    }

    public void SendBookmark(string kind, string apiVersion, long version, bool isInitialEventsEnd)
    {
        if (wantsBookmarks || isInitialEventsEnd)
        {
            var annotations = isInitialEventsEnd ? ""","annotations":{"k8s.io/initial-events-end":"true"}""" : "";
            var metadata = $$$"""{"resourceVersion":"{{{version}}}","creationTimestamp":null{{{annotations}}}}""";
            SendEvent("BOOKMARK", Encoding.UTF8.GetBytes($$"""{"kind":"{{kind}}","apiVersion":"{{apiVersion}}","metadata":{{metadata}}}"""));
        }
    }

    public void SendEvent(string type, byte[] json)
    {
        byte[] line = [.. Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","object":"""), .. json, .. "}\n"u8];
        SendRaw(line);
    }

    public void SendRaw(byte[] bytes) => Put(new Step(StepKind.Bytes, bytes));

    public void Cut() => Put(new Step(StepKind.Cut, []));

    public void End() => Put(new Step(StepKind.End, []));

    private void Put(Step step)
    {
        if (!IsFrozen)
        {
            _steps.Writer.TryWrite(step);
        }
    }

    private bool InView(StoredObject? stored) =>
        stored is not null && (ns.Length == 0 || stored.Namespace == ns) && selector.Matches(stored);

    public readonly record struct Step(StepKind Kind, byte[] Bytes);
}
