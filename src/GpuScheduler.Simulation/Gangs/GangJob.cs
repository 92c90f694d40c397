using System.Globalization;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Simulation.Gangs;

/// <summary>A job of pods that are all alike, and what became of it.</summary>
internal sealed class GangJob(int number, int pods, PodShape shape, double arrival, double hours)
{
    public string Name { get; } = $"job{number}";

    public int Pods { get; } = pods;

    public PodShape Shape { get; } = shape;

    public double Arrival { get; } = arrival;

    public double Hours { get; } = hours;

    /// <summary>The nodes of its pods so far.</summary>
    public List<string> Nodes { get; } = [];

    /// <summary>When its last pod was placed; null while one waits.</summary>
    public double? WholeAt { get; set; }

    public bool IsGang => Pods > 1;

    /// <summary>GPUs of all its pods.</summary>
    public double Gpus => Pods * GpusPerPod;

    public double GpusPerPod => Shape.Gpu.TotalMilli / (double)GpuDemand.WholeMilli;

    public string UidOf(int index) => $"{Name}-{index}";

    /// <summary>One of its pods; those of a gang say so if <paramref name="saysGang"/>.</summary>
    public Pod Pod(int index, bool saysGang) => new()
    {
        Namespace = "default",
        Name = UidOf(index),
        Uid = UidOf(index),
        Shape = Shape,
        CreatedAt = DateTimeOffset.UnixEpoch.AddHours(Arrival),
        Labels = saysGang && IsGang
            ? new Dictionary<string, string> { ["gpu-scheduler.io/gang"] = Name, ["gpu-scheduler.io/gang-size"] = Pods.ToString(CultureInfo.InvariantCulture) }
            : new Dictionary<string, string>(),
    };
}
