using System.Text;

namespace GpuScheduler.Kubernetes;

/// <summary>Names an object from inside another one (core/v1 ObjectReference).</summary>
/// <param name="ApiVersion">Such as <c>v1</c>.</param>
/// <param name="Kind">Such as <c>Pod</c>.</param>
/// <param name="Meta">Identity; empty fields are left out.</param>
public sealed record ObjectReference(string ApiVersion, string Kind, ObjectMeta Meta);

/// <summary>How often an event was seen again, and when last.</summary>
/// <param name="Count">Occurrences, the first included.</param>
/// <param name="LastObservedTime">When the last one happened.</param>
public sealed record EventSeries(int Count, DateTimeOffset LastObservedTime);

/// <summary>
/// An <c>events.k8s.io/v1</c> Event. Limits are the server's (<c>pkg/apis/core/validation/events.go</c>): action, reason and
/// reporting instance have 1 to 128 characters, the note at most 1,024 bytes, and the event lives in the namespace of the object it
/// regards (<c>default</c> for cluster-scoped ones).
/// </summary>
public sealed record KubernetesEvent
{
    /// <summary>Most bytes of UTF-8 in a <see cref="Note"/>.</summary>
    public const int MaxNoteBytes = 1024;

    /// <summary>Identity of the event itself.</summary>
    public required ObjectMeta Meta { get; init; }

    /// <summary>When it first happened.</summary>
    public required DateTimeOffset EventTime { get; init; }

    /// <summary>Program that reports, a qualified name such as <c>example.com/scheduler</c>.</summary>
    public required string ReportingController { get; init; }

    /// <summary>Which instance of the program reports, such as its pod's name.</summary>
    public required string ReportingInstance { get; init; }

    /// <summary>What was tried, in one word, such as <c>Binding</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Why the event is reported, in one word, such as <c>FailedBinding</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>The object the event is about.</summary>
    public required ObjectReference Regarding { get; init; }

    /// <summary>Another object involved, such as the node.</summary>
    public ObjectReference? Related { get; init; }

    /// <summary>Sentence for people.</summary>
    public string Note { get; init; } = "";

    /// <summary>Whether it is a Warning; otherwise Normal.</summary>
    public bool IsWarning { get; init; }

    /// <summary>Repetitions; null for an event seen once.</summary>
    public EventSeries? Series { get; init; }

    /// <summary>Cuts a note to what the server takes, at a character boundary and marked with an ellipsis.</summary>
    public static string ClipNote(string note)
    {
        if (Encoding.UTF8.GetByteCount(note) <= MaxNoteBytes)
        {
            return note;
        }

        const string Ellipsis = "...";
        var bytes = 0;
        var chars = 0;
        foreach (var rune in note.EnumerateRunes())
        {
            if (bytes + rune.Utf8SequenceLength > MaxNoteBytes - Ellipsis.Length)
            {
                break;
            }

            bytes += rune.Utf8SequenceLength;
            chars += rune.Utf16SequenceLength;
        }

        return string.Concat(note.AsSpan(0, chars), Ellipsis);
    }
}
