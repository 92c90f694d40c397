using System.Text.Json;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Reads a pod's <c>status</c>, what it says of an in-place resize into <paramref name="request"/>.</summary>
internal sealed class PodStatusReader(ResourceListReader resources, EffectiveRequest request)
{
    private static readonly KnownTexts Phases = new("Pending", "Running", "Succeeded", "Failed", "Unknown");

    public string Phase { get; private set; } = "";

    public string NominatedNodeName { get; private set; } = "";

    /// <summary>Reads the property the reader is on.</summary>
    public void Read(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("status");
        if (EnterObject(ref reader, path))
        {
            while (NextProperty(ref reader)) ReadField(ref reader, path);
        }

        path.Pop();
    }

    private void ReadField(ref Utf8JsonReader reader, JsonPath path)
    {
        if (NameIs(ref reader, "phase"u8)) Phase = ReadString(ref reader, path, "phase", Phases);
        else if (NameIs(ref reader, "nominatedNodeName"u8)) NominatedNodeName = ReadString(ref reader, path, "nominatedNodeName");
        else if (NameIs(ref reader, "containerStatuses"u8)) ReadStatuses(ref reader, path, "containerStatuses");
        else if (NameIs(ref reader, "initContainerStatuses"u8)) ReadStatuses(ref reader, path, "initContainerStatuses");
        else if (NameIs(ref reader, "resources"u8)) request.PodActuated = ReadActuated(ref reader, path);
        else if (NameIs(ref reader, "allocatedResources"u8)) request.PodAllocated = resources.Read(ref reader, path, "allocatedResources");
        else if (NameIs(ref reader, "conditions"u8)) ReadConditions(ref reader, path);
        else Skip(ref reader);
    }

    private void ReadStatuses(ref Utf8JsonReader reader, JsonPath path, string field)
    {
        path.Push(field);
        if (EnterArray(ref reader, path))
        {
            for (var index = 0; NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (IsObject(ref reader, path)) ReadStatus(ref reader, path);
                path.Pop();
            }
        }

        path.Pop();
    }

    private void ReadStatus(ref Utf8JsonReader reader, JsonPath path)
    {
        var status = new ContainerResourceStatus();
        while (NextProperty(ref reader))
        {
            if (NameIs(ref reader, "name"u8)) status.Name = ReadString(ref reader, path, "name");
            else if (NameIs(ref reader, "allocatedResources"u8)) status.Allocated = resources.Read(ref reader, path, "allocatedResources");
            else if (NameIs(ref reader, "resources"u8)) status.Actuated = ReadActuated(ref reader, path);
            else Skip(ref reader);
        }

        request.Statuses.Add(status);
    }

    private ResourceList? ReadActuated(ref Utf8JsonReader reader, JsonPath path)
    {
        ResourceList? actuated = null;
        path.Push("resources");
        if (EnterObject(ref reader, path))
        {
            actuated = new ResourceList();
            while (NextProperty(ref reader))
            {
                if (NameIs(ref reader, "requests"u8)) actuated = resources.Read(ref reader, path, "requests") ?? actuated;
                else Skip(ref reader);
            }
        }

        path.Pop();
        return actuated;
    }

    private void ReadConditions(ref Utf8JsonReader reader, JsonPath path)
    {
        var found = false;
        path.Push("conditions");
        if (EnterArray(ref reader, path))
        {
            for (var index = 0; NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (IsObject(ref reader, path))
                {
                    var (type, _, reason) = ConditionReader.Read(ref reader, path);
                    if (type == "PodResizePending" && !found)
                    {
                        found = true;
                        request.IsResizeInfeasible = reason == "Infeasible";
                    }
                }

                path.Pop();
            }
        }

        path.Pop();
    }
}
