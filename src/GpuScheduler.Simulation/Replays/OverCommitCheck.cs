using System.Numerics;
using GpuScheduler.Core.Objects;

namespace GpuScheduler.Simulation.Replays;

/// <summary>
/// Counts what is placed where a second time, from the outcomes alone, and fails the replay when a node or a device holds more than it has.
/// Always on: a result with an impossible placement is worth nothing.
/// </summary>
internal sealed class OverCommitCheck
{
    private readonly Dictionary<string, Account> _accounts;

    public OverCommitCheck(IEnumerable<Node> nodes, Func<Node, int> deviceCount) =>
        _accounts = nodes.ToDictionary(node => node.Name, node => new Account(
            node.Allocatable.ToDictionary(amount => amount.Name, amount => amount.Amount), new int[deviceCount(node)]));

    /// <summary>Counts a pod that was there before; what others over-committed is not our doing.</summary>
    public void Load(string nodeName, PodShape shape, uint devices)
    {
        var account = _accounts[nodeName];
        foreach (var (name, amount) in shape.Requests) account.Free[name] = account.Free.GetValueOrDefault(name) - amount;
        for (var rest = devices; rest != 0; rest &= rest - 1) account.UsedMilli[BitOperations.TrailingZeroCount(rest)] += shape.Gpu.MilliPerGpu;
    }

    /// <exception cref="InvalidOperationException">The placement is impossible.</exception>
    public void Place(string nodeName, PodShape shape, uint devices)
    {
        var account = _accounts[nodeName];
        foreach (var (name, amount) in shape.Requests)
        {
            var left = account.Free.GetValueOrDefault(name) - amount;
            if (left < 0) throw new InvalidOperationException($"node {nodeName} is over-committed: {name} by {-left} through {shape}");
            account.Free[name] = left;
        }

        if (shape.Gpu.IsNone || account.UsedMilli.Length == 0) return;
        if (BitOperations.PopCount(devices) != shape.Gpu.Count)
        {
            throw new InvalidOperationException($"{shape} was given {BitOperations.PopCount(devices)} devices on node {nodeName}");
        }

        for (var rest = devices; rest != 0; rest &= rest - 1)
        {
            var device = BitOperations.TrailingZeroCount(rest);
            account.UsedMilli[device] += shape.Gpu.MilliPerGpu;
            if (account.UsedMilli[device] > GpuDemand.WholeMilli)
            {
                throw new InvalidOperationException($"GPU {device} of node {nodeName} holds {account.UsedMilli[device]} of 1000 through {shape}");
            }
        }
    }

    public void Remove(string nodeName, PodShape shape, uint devices)
    {
        var account = _accounts[nodeName];
        foreach (var (name, amount) in shape.Requests) account.Free[name] += amount;
        for (var rest = devices; rest != 0; rest &= rest - 1) account.UsedMilli[BitOperations.TrailingZeroCount(rest)] -= shape.Gpu.MilliPerGpu;
    }

    private sealed record Account(Dictionary<string, long> Free, int[] UsedMilli);
}
