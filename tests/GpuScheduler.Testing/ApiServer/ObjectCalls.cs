using System.Text.Json.Nodes;

namespace GpuScheduler.Testing;

/// <summary>What the single-object verbs do. Messages follow the real server's, because users show them.</summary>
internal sealed class ObjectCalls(ObjectStore store, RequestTarget target, bool bindIgnoresUid)
{
    public (int Code, byte[] Body) Apply(string verb, JsonObject? sent) => (verb, target.Subresource) switch
    {
        ("get", _) => Find() is { } found ? (200, found.Json) : NotFound(),
        ("create", "") => sent is null ? NoBody() : Create(sent),
        ("create", "binding") => sent is null ? NoBody() : Bind(sent),
        ("update", _) => sent is null ? NoBody() : Update(sent),
        ("patch", _) => sent is null ? NoBody() : Patch(sent),
        ("delete", "") => Delete(sent),
        _ => Refuse(405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
    };

    private static (int Code, byte[] Body) Refuse(int code, string reason, string message) =>
        (code, Answers.Status(code, reason, message));

    private static (int Code, byte[] Body) NoBody() => Refuse(400, "BadRequest", "a body is needed");

    private static string? Meta(JsonObject json, string field) => (string?)json["metadata"]?[field];

    private StoredObject? Find() => store.Find(target.Collection, target.Namespace, target.Name);

    private (int Code, byte[] Body) NotFound() => Refuse(404, "NotFound", $"{Qualified} \"{target.Name}\" not found");

    private string Qualified => target.Group.Length == 0 ? target.Plural : $"{target.Plural}.{target.Group}";

    private (int Code, byte[] Body) Changed(string name) => Refuse(
        409,
        "Conflict",
        $"Operation cannot be fulfilled on {Qualified} \"{name}\": the object has been modified; "
        + "please apply your changes to the latest version and try again");

    private (int Code, byte[] Body) Create(JsonObject sent)
    {
        if (sent["metadata"] is not JsonObject metadata)
        {
            sent["metadata"] = metadata = [];
        }

        if (target.Namespace.Length > 0)
        {
            metadata["namespace"] ??= target.Namespace;
        }

        if (metadata["name"] is null && (string?)metadata["generateName"] is { } prefix)
        {
            metadata["name"] = prefix + Guid.NewGuid().ToString("n")[..5];
        }

        if ((string?)metadata["name"] is not { Length: > 0 } name)
        {
            return Refuse(422, "Invalid", "metadata.name: Required value: name or generateName is required");
        }

        return store.Find(target.Collection, target.Namespace, name) is null
            ? (201, store.Put(target.Collection, sent).Json)
            : Refuse(409, "AlreadyExists", $"{Qualified} \"{name}\" already exists");
    }

    private (int Code, byte[] Body) Update(JsonObject sent)
    {
        if (Find() is not { } found)
        {
            return NotFound();
        }

        if ((Meta(sent, "resourceVersion") is { Length: > 0 } version && version != ObjectStore.Text(found.ResourceVersion))
            || (Meta(sent, "uid") is { Length: > 0 } uid && uid != found.Uid))
        {
            return Changed(target.Name);
        }

        return (200, store.Put(target.Collection, WithSubresources(found.ToJson(), sent)).Json);
    }

    private (int Code, byte[] Body) Patch(JsonObject patch)
    {
        if (Find() is not { } found)
        {
            return NotFound();
        }

        if (Meta(patch, "resourceVersion") is { Length: > 0 } version && version != ObjectStore.Text(found.ResourceVersion))
        {
            return Changed(target.Name);
        }

        var merged = found.ToJson();
        JsonMerge.Apply(merged, patch);
        return (200, store.Put(target.Collection, WithSubresources(found.ToJson(), merged)).Json);
    }

    // the status of pods and nodes changes through /status only, and nothing else does there
    private JsonObject WithSubresources(JsonObject before, JsonObject after)
    {
        if (target.Subresource == "status")
        {
            before["status"] = after["status"]?.DeepClone();
            return before;
        }

        if (target.Plural is "pods" or "nodes")
        {
            after["status"] = before["status"]?.DeepClone();
        }

        return after;
    }

    private (int Code, byte[] Body) Delete(JsonObject? sent)
    {
        if (Find() is not { } found)
        {
            return NotFound();
        }

        if ((string?)sent?["preconditions"]?["uid"] is { } uid && uid != found.Uid)
        {
            return Precondition(uid, found.Uid);
        }

        store.Remove(target.Collection, target.Namespace, target.Name);
        return (200, Answers.Status(200, "", ""));
    }

    private (int Code, byte[] Body) Precondition(string asked, string actual) => Refuse(
        409,
        "Conflict",
        $"Operation cannot be fulfilled on {Qualified} \"{target.Name}\": Precondition failed: "
        + $"UID in precondition: {asked}, UID in object meta: {actual}");

    // registry/core/pod/storage, BindingREST.setPodHostAndAnnotations
    private (int Code, byte[] Body) Bind(JsonObject binding)
    {
        if (Find() is not { } found)
        {
            return NotFound();
        }

        if (!bindIgnoresUid && Meta(binding, "uid") is { Length: > 0 } uid && uid != found.Uid)
        {
            return Precondition(uid, found.Uid);
        }

        var pod = found.ToJson();
        var refused = $"Operation cannot be fulfilled on pods/binding \"{target.Name}\": pod {target.Name} is";
        if (Meta(pod, "deletionTimestamp") is not null)
        {
            return Refuse(409, "Conflict", $"{refused} being deleted, cannot be assigned to a host");
        }

        if (pod["spec"] is not JsonObject spec)
        {
            pod["spec"] = spec = [];
        }

        if ((string?)spec["nodeName"] is { Length: > 0 } bound)
        {
            return Refuse(409, "Conflict", $"{refused} already assigned to node \"{bound}\"");
        }

        spec["nodeName"] = (string?)binding["target"]?["name"];
        if (binding["metadata"]?["annotations"] is JsonObject annotations)
        {
            if (pod["metadata"]!["annotations"] is not JsonObject existing)
            {
                pod["metadata"]!["annotations"] = existing = [];
            }

            JsonMerge.Apply(existing, annotations);
        }

        store.Put(target.Collection, pod);
        return (201, Answers.Status(201, "", ""));
    }
}
