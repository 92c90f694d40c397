using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Server.Tests.Running;

/// <summary>Calls the verbs as kube-scheduler does.</summary>
internal static class VerbCalls
{
    /// <summary>POSTs a body to a verb; its answer.</summary>
    public static async Task<JsonElement> PostVerbAsync(this HttpClient client, string verb, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await client.PostAsync($"/scheduler/{verb}", content);
        Assert.True(response.IsSuccessStatusCode, $"{verb}: {(int)response.StatusCode}");
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    /// <summary>A pod as JSON.</summary>
    public static string ManifestOf(Pod pod)
    {
        var manifest = new MemoryStream();
        using (var writer = new Utf8JsonWriter(manifest)) PodWriter.Write(writer, pod);
        return Encoding.UTF8.GetString(manifest.ToArray());
    }
}
