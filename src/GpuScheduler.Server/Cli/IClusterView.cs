using GpuScheduler.Server.Http;

namespace GpuScheduler.Server.Cli;

/// <summary>Where the commands that look get their answers: a running service, or a cluster loaded for the occasion. The answers are the same.</summary>
internal interface IClusterView : IDisposable
{
    /// <summary>Whether asking again may give another answer.</summary>
    bool IsLive { get; }

    /// <summary>All nodes.</summary>
    /// <exception cref="ViewException">There is no answer.</exception>
    Task<NodeListBody> NodesAsync(CancellationToken cancellation);

    /// <summary>Everything about one node.</summary>
    /// <exception cref="ViewException">There is no answer, or no such node.</exception>
    Task<NodeBody> NodeAsync(string name, CancellationToken cancellation);

    /// <summary>The topology domains.</summary>
    /// <exception cref="ViewException">There is no answer.</exception>
    Task<DomainListBody> DomainsAsync(CancellationToken cancellation);

    /// <summary>The waiting pods.</summary>
    /// <exception cref="ViewException">There is no answer.</exception>
    Task<WaitingBody> WaitingAsync(CancellationToken cancellation);

    /// <summary>Explains a pod of the cluster.</summary>
    /// <exception cref="ViewException">There is no answer, or no such pod.</exception>
    Task<ExplanationBody> PodAsync(string podNamespace, string name, CancellationToken cancellation);

    /// <summary>Explains a manifest.</summary>
    /// <exception cref="ViewException">There is no answer, or it is no manifest.</exception>
    Task<ExplanationListBody> ExplainAsync(byte[] manifest, CancellationToken cancellation);
}

/// <summary>A question that could not be answered, with what to do about it.</summary>
internal sealed class ViewException(string message) : Exception(message);
