namespace GpuScheduler.Core.Mig;

/// <summary>The geometries of all GPUs that are known, found by model and memory: a profile's name alone does not say its shape. Immutable.</summary>
public sealed class MigCatalog
{
    /// <summary>GPU Feature Discovery reports what the driver leaves usable, up to this fraction below the nominal memory.</summary>
    private const double MemoryTolerance = 0.04;

    private const double MiBPerGiB = 1024;

    private readonly MigGeometry[] _geometries;

    private MigCatalog(MigGeometry[] geometries) => _geometries = geometries;

    /// <summary>The built-in geometries.</summary>
    public static MigCatalog Default { get; } = Read([]).Catalog;

    /// <summary>All geometries.</summary>
    public IReadOnlyList<MigGeometry> Geometries => _geometries;

    /// <summary>
    /// The built-in geometries with those of a file over them: an entry replaces the built-in one of its name, and where several match a
    /// GPU equally well, entries of the file come first. Entries that are wrong are left out and reported.
    /// </summary>
    public static (MigCatalog Catalog, IReadOnlyList<MigGeometryProblem> Problems) Read(IReadOnlyList<MigGeometryEntry> overrides)
    {
        var compiler = new MigGeometryCompiler();
        var geometries = new List<MigGeometry>();
        var problems = new List<MigGeometryProblem>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < overrides.Count; index++)
        {
            if (compiler.Compile(overrides[index], index + 1) is not { } geometry) continue;
            if (names.Add(geometry.Name)) geometries.Add(geometry);
            else problems.Add(new MigGeometryProblem($"'{geometry.Name}'", "occurs twice in the file; the first is used, remove or rename the other"));
        }

        foreach (var entry in BuiltInGeometries.All)
        {
            if (names.Add(entry.Name)) geometries.Add(compiler.Compile(entry, 0)!);
        }

        return (new MigCatalog([.. geometries]), [.. compiler.Problems, .. problems]);
    }

    /// <summary>
    /// The geometry of a GPU that supports MIG; null when nothing known fits or two different ones fit equally well. A known model decides,
    /// together with the memory where products of one name differ; an unknown model is found by its memory.
    /// </summary>
    /// <param name="model">The bare product, without sharing suffixes (<see cref="Objects.GpuLabels.Model"/>); may be empty.</param>
    /// <param name="memoryMiB">
    /// Memory of the whole GPU; 0 when not known, as on nodes of the single strategy, whose label holds the memory of one MIG device.
    /// </param>
    public MigGeometry? Find(string model, int memoryMiB)
    {
        var byModel = _geometries.Where(geometry => geometry.Models?.Accepts(model) == true).ToArray();
        if (memoryMiB <= 0) return Agreed(byModel);
        var near = (byModel.Length > 0 ? byModel : _geometries)
            .Select(geometry => (Geometry: geometry, Off: Math.Abs(memoryMiB / MiBPerGiB - geometry.MemoryGb) / geometry.MemoryGb))
            .Where(pair => pair.Off <= MemoryTolerance).ToArray();
        if (near.Length == 0) return null;
        var nearest = near.Min(pair => pair.Off);
        return Agreed([.. near.Where(pair => pair.Off <= nearest).Select(pair => pair.Geometry)]);
    }

    /// <summary>The first of geometries that differ in name only.</summary>
    private static MigGeometry? Agreed(MigGeometry[] geometries) =>
        geometries.Length > 0 && geometries.All(geometry => geometry.Grid == geometries[0].Grid
            && geometry.Profiles.Select(profile => profile.Profile).SequenceEqual(geometries[0].Profiles.Select(profile => profile.Profile)))
            ? geometries[0] : null;
}
