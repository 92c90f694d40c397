using System.Text;
using System.Text.Encodings.Web;
using GpuScheduler.Core.Filtering;
using GpuScheduler.Extender.Wire;

namespace GpuScheduler.Extender.Decisions;

/// <summary>Why a node cannot take a pod, ready to be written.</summary>
/// <param name="class">Which map of the answer it goes to.</param>
/// <param name="label">Its number in <see cref="RejectionLabels.Names"/>.</param>
/// <param name="text">The reason in words.</param>
internal sealed class Reason(RejectionClass @class, int label, string text)
{
    /// <summary>Of a node that is not in the snapshot.</summary>
    public static Reason UnknownNode { get; } = new(RejectionClass.Unresolvable, RejectionLabels.UnknownNode, "node(s) were not known to gpu-scheduler (yet)");

    public RejectionClass Class { get; } = @class;

    public int Label { get; } = label;

    public string Text { get; } = text;

    /// <summary>What follows a node's name in a map of failed nodes: the text as a JSON string, and the comma before the next node.</summary>
    public WidePiece AfterName { get; } = new(Encoding.UTF8.GetBytes($":\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\","));
}
