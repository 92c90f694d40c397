namespace GpuScheduler.Core.Mig;

/// <summary>One kind of GPU as a geometry file gives it. The built-in tables are written in the same form (<see cref="MigCatalog"/>).</summary>
/// <param name="Name">What the entry is called; an entry of a file replaces the built-in one of the same name.</param>
/// <param name="Models">Models it is for, as GPU Feature Discovery writes products (<c>NVIDIA-A100-SXM4-80GB</c>); <c>*</c> stands for any text.</param>
/// <param name="MemoryGb">Memory of the whole GPU in GiB, rounded up.</param>
/// <param name="Profiles">Its profiles.</param>
public sealed record MigGeometryEntry(string Name, IReadOnlyList<string> Models, int MemoryGb, IReadOnlyList<MigProfileEntry> Profiles);

/// <summary>One profile of a <see cref="MigGeometryEntry"/>.</summary>
/// <param name="Name">The profile's name, e.g. <c>1g.10gb+me</c>.</param>
/// <param name="Starts">Memory slices an instance may begin at; empty (with <paramref name="Size"/> 0) when placements are not known.</param>
/// <param name="Size">Memory slices an instance takes.</param>
/// <param name="MaxCount">Most instances on an empty GPU; 0 for what the placements allow.</param>
public sealed record MigProfileEntry(string Name, IReadOnlyList<int> Starts, int Size, int MaxCount = 0)
{
    /// <summary>Names that other driver versions give the same profile.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];
}

/// <summary>Something wrong with an entry; the entry is left out.</summary>
/// <param name="Entry">Which: the entry's name, or its position where it has none, and the profile.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record MigGeometryProblem(string Entry, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"MIG geometry {Entry}: {Message}";
}
