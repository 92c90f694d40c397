using System.Text.Json;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Reads a pod's <c>spec</c>.</summary>
internal sealed class PodSpecReader(ResourceListReader resources)
{
    private static readonly KnownTexts CommonTexts =
        new("Exists", "Equal", "NoSchedule", "NoExecute", "PreferNoSchedule", "nvidia.com/gpu", "true", "default-scheduler", "gpu-scheduler",
            "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");

    /// <summary>What the containers ask for; the status is added to it.</summary>
    public EffectiveRequest Request { get; } = new();

    public string NodeName { get; private set; } = "";

    public string SchedulerName { get; private set; } = "";

    public string SchedulingGroup { get; private set; } = "";

    public int Priority { get; private set; }

    public List<Toleration> Tolerations { get; } = [];

    /// <summary>Reads the property the reader is on.</summary>
    public void Read(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("spec");
        if (JsonFields.EnterObject(ref reader, path))
        {
            while (JsonFields.NextProperty(ref reader)) ReadField(ref reader, path);
        }

        path.Pop();
    }

    private void ReadField(ref Utf8JsonReader reader, JsonPath path)
    {
        if (JsonFields.NameIs(ref reader, "containers"u8)) ReadContainers(ref reader, path, "containers", Request.Containers);
        else if (JsonFields.NameIs(ref reader, "initContainers"u8)) ReadContainers(ref reader, path, "initContainers", Request.InitContainers);
        else if (JsonFields.NameIs(ref reader, "nodeName"u8)) NodeName = JsonFields.ReadString(ref reader, path, "nodeName");
        else if (JsonFields.NameIs(ref reader, "schedulerName"u8)) SchedulerName = JsonFields.ReadString(ref reader, path, "schedulerName", CommonTexts);
        else if (JsonFields.NameIs(ref reader, "priority"u8)) Priority = JsonFields.ReadInt32(ref reader, path, "priority");
        else if (JsonFields.NameIs(ref reader, "tolerations"u8)) ReadTolerations(ref reader, path);
        else if (JsonFields.NameIs(ref reader, "overhead"u8)) Request.Overhead = resources.Read(ref reader, path, "overhead");
        else if (JsonFields.NameIs(ref reader, "resources"u8)) (Request.PodRequests, Request.PodLimits) = ReadResources(ref reader, path);
        else if (JsonFields.NameIs(ref reader, "schedulingGroup"u8)) ReadSchedulingGroup(ref reader, path);
        else JsonFields.Skip(ref reader);
    }

    private void ReadContainers(ref Utf8JsonReader reader, JsonPath path, string field, List<ContainerResources> containers)
    {
        path.Push(field);
        containers.Clear();
        if (JsonFields.EnterArray(ref reader, path))
        {
            for (var index = 0; JsonFields.NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (JsonFields.IsObject(ref reader, path)) containers.Add(ReadContainer(ref reader, path));
                path.Pop();
            }
        }

        path.Pop();
    }

    private ContainerResources ReadContainer(ref Utf8JsonReader reader, JsonPath path)
    {
        var container = new ContainerResources();
        while (JsonFields.NextProperty(ref reader))
        {
            if (JsonFields.NameIs(ref reader, "name"u8)) container.Name = JsonFields.ReadString(ref reader, path, "name");
            else if (JsonFields.NameIs(ref reader, "resources"u8)) (container.Requests, container.Limits) = ReadResources(ref reader, path);
            else if (JsonFields.NameIs(ref reader, "restartPolicy"u8)) container.IsSidecar = JsonFields.ReadString(ref reader, path, "restartPolicy") == "Always";
            else JsonFields.Skip(ref reader);
        }

        return container;
    }

    private (ResourceList? Requests, ResourceList? Limits) ReadResources(ref Utf8JsonReader reader, JsonPath path)
    {
        ResourceList? requests = null, limits = null;
        path.Push("resources");
        if (JsonFields.EnterObject(ref reader, path))
        {
            while (JsonFields.NextProperty(ref reader))
            {
                if (JsonFields.NameIs(ref reader, "requests"u8)) requests = resources.Read(ref reader, path, "requests");
                else if (JsonFields.NameIs(ref reader, "limits"u8)) limits = resources.Read(ref reader, path, "limits");
                else JsonFields.Skip(ref reader);
            }
        }

        path.Pop();
        return (requests, limits);
    }

    private void ReadTolerations(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("tolerations");
        Tolerations.Clear();
        if (JsonFields.EnterArray(ref reader, path))
        {
            for (var index = 0; JsonFields.NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (JsonFields.IsObject(ref reader, path)) Tolerations.Add(ReadToleration(ref reader, path));
                path.Pop();
            }
        }

        path.Pop();
    }

    private static Toleration ReadToleration(ref Utf8JsonReader reader, JsonPath path)
    {
        string key = "", @operator = "", value = "", effect = "";
        while (JsonFields.NextProperty(ref reader))
        {
            if (JsonFields.NameIs(ref reader, "key"u8)) key = JsonFields.ReadString(ref reader, path, "key", CommonTexts);
            else if (JsonFields.NameIs(ref reader, "operator"u8)) @operator = JsonFields.ReadString(ref reader, path, "operator", CommonTexts);
            else if (JsonFields.NameIs(ref reader, "value"u8)) value = JsonFields.ReadString(ref reader, path, "value", CommonTexts);
            else if (JsonFields.NameIs(ref reader, "effect"u8)) effect = JsonFields.ReadString(ref reader, path, "effect", CommonTexts);
            else JsonFields.Skip(ref reader);
        }

        return new Toleration(key, @operator, value, effect);
    }

    private void ReadSchedulingGroup(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("schedulingGroup");
        if (JsonFields.EnterObject(ref reader, path))
        {
            while (JsonFields.NextProperty(ref reader))
            {
                if (JsonFields.NameIs(ref reader, "podGroupName"u8)) SchedulingGroup = JsonFields.ReadString(ref reader, path, "podGroupName");
                else JsonFields.Skip(ref reader);
            }
        }

        path.Pop();
    }
}
