using GpuScheduler.Core.Mig;

namespace GpuScheduler.Core.Tests.Mig;

internal static class Gpus
{
    public static TheoryData<string> WithPlacements { get; } =
        [.. MigCatalog.Default.Geometries.Where(geometry => geometry.Grid.Size > 0).Select(geometry => geometry.Name)];

    public static MigGeometry Named(string name) => MigCatalog.Default.Geometries.Single(geometry => geometry.Name == name);

    public static MigProfile Profile(string name) =>
        MigProfile.TryParse(name, out var profile, out var problem) ? profile! : throw new FormatException(problem);

    public static int Index(MigGeometry geometry, string profile) => geometry.IndexOf(Profile(profile));

    public static MigValues Values(MigGeometry geometry)
    {
        var inventory = new MigInventory();
        inventory.Add(geometry, MigOccupancy.Empty);
        return new MigValues(geometry, MigPrices.Of(geometry, MigMix.Unknown, inventory));
    }

    public static MigGeometryEntry EntryOf(MigGeometry geometry) => new(geometry.Name, geometry.Models?.Patterns ?? [], geometry.MemoryGb,
        [.. geometry.Profiles.Select(profile => new MigProfileEntry(profile.Profile.Name, profile.Starts, profile.Size, profile.MaxCount))]);

    public static MigGeometry Compile(MigGeometryEntry entry)
    {
        var (catalog, problems) = MigCatalog.Read([entry]);
        Assert.Empty(problems);
        return catalog.Geometries.First(geometry => geometry.Name == entry.Name);
    }
}
