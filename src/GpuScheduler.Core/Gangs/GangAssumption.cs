using GpuScheduler.Core.Ledger;

namespace GpuScheduler.Core.Gangs;

/// <summary>What became of an attempt to place a pod of a gang.</summary>
/// <param name="Outcome">What became of this pod.</param>
/// <param name="Gang">Its gang, when it must wait for others of it; null when it may be bound alone.</param>
/// <param name="IsComplete">With this pod everyone the gang starts with has come.</param>
public readonly record struct GangAssumption(AssumeOutcome Outcome, GangKey? Gang, bool IsComplete);
