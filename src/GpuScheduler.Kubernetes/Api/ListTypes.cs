namespace GpuScheduler.Kubernetes;

/// <summary>What to list, and how. Every null is left to the server.</summary>
public sealed record ListOptions
{
    /// <summary>Namespace; null for all namespaces and for cluster-scoped kinds.</summary>
    public string? Namespace { get; init; }

    /// <summary>Field selector, such as <c>status.phase!=Succeeded</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Label selector.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Most objects per page; null for one page.</summary>
    public int? Limit { get; init; }

    /// <summary>Token of the next page, from <see cref="ListPage.Continue"/>.</summary>
    public string? Continue { get; init; }

    /// <summary>
    /// Null: the newest state, read from etcd. "0": whatever the server has cached, in one page, possibly old. Otherwise at least that
    /// version.
    /// </summary>
    public string? ResourceVersion { get; init; }

    /// <summary><c>NotOlderThan</c> or <c>Exact</c>; null for the server's default.</summary>
    public string? ResourceVersionMatch { get; init; }
}

/// <summary>Takes a list object by object, while the answer is still arriving. Called by one thread at a time.</summary>
/// <typeparam name="T">What the caller keeps of an object.</typeparam>
public interface IListSink<in T>
{
    /// <summary>One object.</summary>
    void Add(T value);

    /// <summary>One object was unusable and is left out; the list goes on.</summary>
    void Bad(BadObject bad);

    /// <summary>
    /// The list begins anew (its continue token expired): forget everything added so far. Only
    /// <see cref="KubernetesApiExtensions.ListAllAsync"/> calls this.
    /// </summary>
    void Restart();
}

/// <summary>The end of one page.</summary>
/// <param name="ResourceVersion">Version of the whole list; start a watch here once the last page is read.</param>
/// <param name="Continue">Token of the next page; empty on the last.</param>
/// <param name="Count">Objects delivered.</param>
/// <param name="BadCount">Objects refused by their reader.</param>
public sealed record ListPage(string ResourceVersion, string Continue, int Count, int BadCount);
