using System.Diagnostics;

namespace GpuScheduler.Extender;

/// <summary>An activity per call, for whoever listens; when nobody does, there is none.</summary>
public static class ExtenderTracing
{
    /// <summary>The name of the activities' source.</summary>
    public const string SourceName = "GpuScheduler.Extender";

    private static readonly ActivitySource Source = new(SourceName);

    private static readonly string[] Names = [.. Enum.GetValues<ExtenderVerb>().Select(verb => $"extender {verb.ToString().ToLowerInvariant()}")];

    internal static Activity? Start(ExtenderVerb verb) => Source.StartActivity(Names[(int)verb], ActivityKind.Server);

    internal static void Describe(Activity activity, CallNotes notes)
    {
        activity.SetTag("gpu_scheduler.nodes.asked", notes.Counts.NodesIn);
        activity.SetTag("gpu_scheduler.nodes.offered", notes.Counts.NodesOut);
        activity.SetTag("gpu_scheduler.snapshot.generation", notes.Generation);
        if (notes.Error is { } error) activity.SetStatus(ActivityStatusCode.Error, error);
    }
}
