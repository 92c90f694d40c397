using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace GpuScheduler.Testing;

/// <summary>Serves lists, page by page, each page from the state the first one saw.</summary>
internal sealed class ListCalls(ObjectStore store, Func<string, StoredObject, byte[]> served)
{
    private const string Expired = "The provided continue parameter is too old to display a consistent list result.";

    private readonly Dictionary<string, (long Version, StoredObject[] Items)> _pages = new(StringComparer.Ordinal);
    private int _pageNumber;

    /// <summary>Callers hold the store's lock.</summary>
    public void ForgetPages() => _pages.Clear();

    public async Task AnswerAsync(HttpContext context, RequestTarget target, Fault? fault)
    {
        if (TakePage(target, context.Request.Query) is not { } page)
        {
            await Answers.SendAsync(context, 410, Answers.Status(410, "Expired", Expired));
            return;
        }

        context.Response.ContentType = "application/json";
        var body = new BodyWriter(context, fault);
        var kind = target.Plural switch
        {
            "pods" => "PodList",
            "nodes" => "NodeList",
            _ => "List",
        };
        var more = page.Next.Length > 0 ? $",\"continue\":\"{page.Next}\"" : "";
        var metadata = $"{{\"resourceVersion\":\"{page.Version}\"{more}}}";
        var alive = await body.WriteAsync(Encoding.UTF8.GetBytes(
            $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{target.ApiVersion}\",\"metadata\":{metadata},\"items\":["));
        for (var i = 0; alive && i < page.Items.Length; i++)
        {
            alive = (i == 0 || await body.WriteAsync(","u8.ToArray())) && await body.WriteAsync(served(target.Collection, page.Items[i]));
        }

        if (alive)
        {
            await body.WriteAsync("]}\n"u8.ToArray());
        }
    }

    // null when the continue token is no longer known
    private (long Version, StoredObject[] Items, string Next)? TakePage(RequestTarget target, IQueryCollection query)
    {
        var limit = int.TryParse(query["limit"], CultureInfo.InvariantCulture, out var asked) && asked > 0 ? asked : int.MaxValue;
        lock (store.Sync)
        {
            (long Version, StoredObject[] Items) page;
            if (query["continue"].ToString() is not { Length: > 0 } token)
            {
                var selector = new Selector(query["fieldSelector"], query["labelSelector"]);
                bool InView(StoredObject o) => (target.Namespace.Length == 0 || o.Namespace == target.Namespace) && selector.Matches(o);
                page = (store.ResourceVersion, [.. store.All(target.Collection).Where(InView)]);
            }
            else if (!_pages.TryGetValue(token, out page))
            {
                return null;
            }

            if (page.Items.Length <= limit)
            {
                return (page.Version, page.Items, "");
            }

            var next = $"page-{++_pageNumber}";
            _pages[next] = (page.Version, page.Items[limit..]);
            return (page.Version, page.Items[..limit], next);
        }
    }
}
