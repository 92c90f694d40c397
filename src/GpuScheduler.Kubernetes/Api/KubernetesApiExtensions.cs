namespace GpuScheduler.Kubernetes;

/// <summary>What can be said in terms of <see cref="IKubernetesApi"/> alone, and so is the same for every implementation.</summary>
public static class KubernetesApiExtensions
{
    /// <summary>
    /// Lists all pages. When a continue token expires between two pages (410), the list begins anew without paging, once, after
    /// <see cref="IListSink{T}.Restart"/>; client-go's pager (<c>tools/pager/pager.go</c>) falls back to a full list likewise.
    /// </summary>
    /// <returns>The end of the last page, with the counts of all of them; or the first failure.</returns>
    public static async Task<ApiResult<ListPage>> ListAllAsync<T>(
        this IKubernetesApi api,
        ResourceType resource,
        IObjectReader<T> reader,
        IListSink<T> sink,
        ListOptions options,
        CancellationToken cancellationToken)
    {
        var count = 0;
        var bad = 0;
        var next = options;
        while (true)
        {
            var result = await api.ListAsync(resource, reader, sink, next, cancellationToken);
            if (!result.TryGet(out var page, out var status))
            {
                if (status.IsGone && next.Continue is not null)
                {
                    sink.Restart();
                    count = bad = 0;
                    next = options with { Continue = null, Limit = null };
                    continue;
                }

                return result;
            }

            count += page.Count;
            bad += page.BadCount;
            if (page.Continue.Length == 0)
            {
                return new(page with { Count = count, BadCount = bad });
            }

            // the token already stands for one version; the server refuses both together
            next = next with { Continue = page.Continue, ResourceVersion = null, ResourceVersionMatch = null };
        }
    }
}
