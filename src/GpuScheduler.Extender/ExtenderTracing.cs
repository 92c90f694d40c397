using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace GpuScheduler.Extender;

/// <summary>An activity per call, for whoever listens; when nobody does, there is none.</summary>
public static class ExtenderTracing
{
    /// <summary>The name of the activities' source.</summary>
    public const string SourceName = "GpuScheduler.Extender";

    private static readonly ActivitySource Source = new(SourceName);

    private static readonly string[] Names = [.. Enum.GetValues<ExtenderVerb>().Select(verb => $"extender {verb.ToString().ToLowerInvariant()}")];

    /// <summary>
    /// The caller's trace goes on, where it sent one (<see href="https://www.w3.org/TR/trace-context/"/>). ASP.NET Core's own activity of the request, where
    /// there is one, is passed over: nobody samples it, and its children would not be sampled either.
    /// </summary>
    internal static Activity? Start(ExtenderVerb verb, IHeaderDictionary headers)
    {
        if (!Source.HasListeners()) return null;
        Activity.Current = null;
        var hasCaller = ActivityContext.TryParse(headers.TraceParent, headers.TraceState, isRemote: true, out var caller);
        return Source.StartActivity(Names[(int)verb], ActivityKind.Server, hasCaller ? caller : default);
    }

    internal static void Describe(Activity activity, CallNotes notes)
    {
        activity.SetTag("gpu_scheduler.nodes.asked", notes.Counts.NodesIn);
        activity.SetTag("gpu_scheduler.nodes.offered", notes.Counts.NodesOut);
        activity.SetTag("gpu_scheduler.snapshot.generation", notes.Generation);
        if (notes.Error is { } error) activity.SetStatus(ActivityStatusCode.Error, error);
    }
}
