using System.Text.Json;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Reads a pod's <c>spec</c>.</summary>
internal sealed class PodSpecReader(ResourceListReader resources)
{
    private static readonly KnownTexts CommonTexts =
        new("Exists", "Equal", "NoSchedule", "NoExecute", "PreferNoSchedule", "nvidia.com/gpu", "true", "default-scheduler", "gpu-scheduler", "Always",
            "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");

    private NodeSelectionReader? _nodeSelection;

    /// <summary>What the containers ask for; the status is added to it.</summary>
    public EffectiveRequest Request { get; } = new();

    public string NodeName { get; private set; } = "";

    public string SchedulerName { get; private set; } = "";

    public string SchedulingGroup { get; private set; } = "";

    public int Priority { get; private set; }

    public List<Toleration> Tolerations { get; } = [];

    /// <summary>See <see cref="Pod.HasOtherConstraints"/>.</summary>
    public bool HasOtherConstraints { get; private set; }

    /// <summary>See <see cref="Pod.NodeSelection"/>.</summary>
    public NodeSelection? NodeSelection => _nodeSelection?.Selection;

    /// <summary>Reads the property the reader is on.</summary>
    public void Read(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("spec");
        if (EnterObject(ref reader, path))
        {
            while (NextProperty(ref reader)) ReadField(ref reader, path);
        }

        path.Pop();
    }

    private void ReadField(ref Utf8JsonReader reader, JsonPath path)
    {
        if (NameIs(ref reader, "containers"u8)) ReadContainers(ref reader, path, "containers", Request.Containers);
        else if (NameIs(ref reader, "initContainers"u8)) ReadContainers(ref reader, path, "initContainers", Request.InitContainers);
        else if (NameIs(ref reader, "nodeName"u8)) NodeName = ReadString(ref reader, path, "nodeName");
        else if (NameIs(ref reader, "schedulerName"u8)) SchedulerName = ReadString(ref reader, path, "schedulerName", CommonTexts);
        else if (NameIs(ref reader, "priority"u8)) Priority = ReadInt32(ref reader, path, "priority");
        else if (NameIs(ref reader, "tolerations"u8)) ReadTolerations(ref reader, path);
        else if (NameIs(ref reader, "overhead"u8)) Request.Overhead = resources.Read(ref reader, path, "overhead");
        else if (NameIs(ref reader, "resources"u8)) (Request.PodRequests, Request.PodLimits) = ReadResources(ref reader, path);
        else if (NameIs(ref reader, "schedulingGroup"u8)) ReadSchedulingGroup(ref reader, path);
        else if (NameIs(ref reader, "nodeSelector"u8)) ReadNodeSelection(ref reader, isSelector: true);
        else if (NameIs(ref reader, "affinity"u8)) ReadNodeSelection(ref reader, isSelector: false);
        else if (OtherConstraints.IsField(ref reader)) HasOtherConstraints |= OtherConstraints.HasContent(ref reader);
        else if (NameIs(ref reader, "volumes"u8)) HasOtherConstraints |= OtherConstraints.InVolumes(ref reader);
        else Skip(ref reader);
    }

    private void ReadNodeSelection(ref Utf8JsonReader reader, bool isSelector)
    {
        var value = reader;
        if (!OtherConstraints.HasContent(ref reader)) return;
        HasOtherConstraints = true;
        Advance(ref value);
        _nodeSelection ??= new NodeSelectionReader();
        if (isSelector) _nodeSelection.ReadSelector(value);
        else _nodeSelection.ReadAffinity(value);
    }

    private void ReadContainers(ref Utf8JsonReader reader, JsonPath path, string field, List<ContainerResources> containers)
    {
        path.Push(field);
        containers.Clear();
        if (EnterArray(ref reader, path))
        {
            for (var index = 0; NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (IsObject(ref reader, path)) containers.Add(ReadContainer(ref reader, path));
                path.Pop();
            }
        }

        path.Pop();
    }

    private ContainerResources ReadContainer(ref Utf8JsonReader reader, JsonPath path)
    {
        var container = new ContainerResources();
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "name"u8)) container.Name = ReadString(ref reader, path, "name");
            else if (NameIs(ref reader, "resources"u8)) (container.Requests, container.Limits) = ReadResources(ref reader, path);
            else if (NameIs(ref reader, "restartPolicy"u8)) container.RestartPolicy = ReadString(ref reader, path, "restartPolicy", CommonTexts);
            else if (NameIs(ref reader, "ports"u8)) HasOtherConstraints |= OtherConstraints.InPorts(ref reader);
            else Skip(ref reader);
        }

        return container;
    }

    private (ResourceList? Requests, ResourceList? Limits) ReadResources(ref Utf8JsonReader reader, JsonPath path)
    {
        ResourceList? requests = null, limits = null;
        path.Push("resources");
        if (EnterObject(ref reader, path))
        {
            while (NextProperty(ref reader))
            {
                if (NameIs(ref reader, "requests"u8)) requests = resources.Read(ref reader, path, "requests");
                else if (NameIs(ref reader, "limits"u8)) limits = resources.Read(ref reader, path, "limits");
                else Skip(ref reader);
            }
        }

        path.Pop();
        return (requests, limits);
    }

    private void ReadTolerations(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("tolerations");
        Tolerations.Clear();
        if (EnterArray(ref reader, path))
        {
            for (var index = 0; NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (IsObject(ref reader, path)) Tolerations.Add(ReadToleration(ref reader, path));
                path.Pop();
            }
        }

        path.Pop();
    }

    private static Toleration ReadToleration(ref Utf8JsonReader reader, JsonPath path)
    {
        string key = "", @operator = "", value = "", effect = "";
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "key"u8)) key = ReadString(ref reader, path, "key", CommonTexts);
            else if (NameIs(ref reader, "operator"u8)) @operator = ReadString(ref reader, path, "operator", CommonTexts);
            else if (NameIs(ref reader, "value"u8)) value = ReadString(ref reader, path, "value", CommonTexts);
            else if (NameIs(ref reader, "effect"u8)) effect = ReadString(ref reader, path, "effect", CommonTexts);
            else Skip(ref reader);
        }

        return new Toleration(key, @operator, value, effect);
    }

    private void ReadSchedulingGroup(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("schedulingGroup");
        if (EnterObject(ref reader, path))
        {
            while (NextProperty(ref reader))
            {
                if (NameIs(ref reader, "podGroupName"u8)) SchedulingGroup = ReadString(ref reader, path, "podGroupName");
                else Skip(ref reader);
            }
        }

        path.Pop();
    }
}
