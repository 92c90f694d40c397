using System.Text.Json;
using GpuScheduler.Core.Resources;
using static GpuScheduler.Core.Objects.Json.JsonFields;

namespace GpuScheduler.Core.Objects.Json;

/// <summary>Reads a node's <c>status</c>.</summary>
internal sealed class NodeStatusReader(ResourceListReader resources)
{
    /// <summary><c>allocatable</c> in column units, sorted by name; null when absent.</summary>
    public ResourceAmount[]? Allocatable { get; private set; }

    /// <summary><c>capacity</c> in column units, sorted by name; null when absent.</summary>
    public ResourceAmount[]? Capacity { get; private set; }

    public Dictionary<string, string> Conditions { get; } = [];

    public List<string> Problems { get; } = [];

    /// <summary>Reads the property the reader is on.</summary>
    public void Read(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("status");
        if (EnterObject(ref reader, path))
        {
            while (NextProperty(ref reader))
            {
                if (NameIs(ref reader, "allocatable"u8)) Allocatable = ToAmounts(resources.Read(ref reader, path, "allocatable", Problems));
                else if (NameIs(ref reader, "capacity"u8)) Capacity = ToAmounts(resources.Read(ref reader, path, "capacity", Problems));
                else if (NameIs(ref reader, "conditions"u8)) ReadConditions(ref reader, path);
                else Skip(ref reader);
            }
        }

        path.Pop();
    }

    private static ResourceAmount[]? ToAmounts(ResourceList? list)
    {
        if (list is null) return null;
        var amounts = new ResourceAmount[list.Entries.Length];
        for (var i = 0; i < amounts.Length; i++)
        {
            var (name, quantity) = list.Entries[i];
            amounts[i] = new ResourceAmount(name, ResourceNames.ToColumnUnits(name, quantity, isRequest: false));
        }

        Array.Sort(amounts, (left, right) => string.CompareOrdinal(left.Name, right.Name));
        return amounts;
    }

    private void ReadConditions(ref Utf8JsonReader reader, JsonPath path)
    {
        path.Push("conditions");
        Conditions.Clear();
        if (EnterArray(ref reader, path))
        {
            for (var index = 0; NextElement(ref reader); index++)
            {
                path.PushIndex(index);
                if (IsObject(ref reader, path))
                {
                    var (type, status, _) = ConditionReader.Read(ref reader, path);
                    Conditions[type] = status;
                }

                path.Pop();
            }
        }

        path.Pop();
    }
}
