using GpuScheduler.Core.Objects;

namespace GpuScheduler.Core.Mig;

/// <summary>The MIG profiles of one kind of GPU and where their instances may lie. Immutable; compared by reference.</summary>
public sealed class MigGeometry
{
    private readonly MigGpuProfile[] _profiles;
    private readonly Dictionary<MigProfile, int> _index = [];
    private readonly Lazy<MigValues> _neutral;

    internal MigGeometry(MigGeometryEntry entry, IReadOnlyList<MigGpuProfile> profiles, MigGrid grid)
    {
        _neutral = new Lazy<MigValues>(() => new MigValues(this, MigPrices.Of(this, MigMix.Unknown, new MigInventory())));
        Name = entry.Name;
        Models = entry.Models.Count == 0 ? null : ModelSelector.Parse(string.Join('|', entry.Models));
        MemoryGb = entry.MemoryGb;
        Grid = grid;
        _profiles = [.. profiles];
        Transitions = new MigTransitions(grid, _profiles);
        ComputeSlices = _profiles.Max(profile => profile.Profile.ComputeSlices);
        for (var index = 0; index < _profiles.Length; index++)
        {
            _index.Add(_profiles[index].Profile, index);
            foreach (var alias in _profiles[index].Aliases) _index.Add(alias, index);
        }
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>The models it is for; null when only the memory tells.</summary>
    public ModelSelector? Models { get; }

    /// <summary>Memory of the whole GPU in GiB, rounded up.</summary>
    public int MemoryGb { get; }

    /// <summary>Compute slices of the whole GPU.</summary>
    public int ComputeSlices { get; }

    /// <summary>The memory slices.</summary>
    public MigGrid Grid { get; }

    /// <summary>Values while nothing is known of what is asked for, or of other GPUs: all profiles alike.</summary>
    public MigValues NeutralValues => _neutral.Value;

    /// <summary>What placing does, by occupancy.</summary>
    internal MigTransitions Transitions { get; }

    /// <summary>The profiles; tables elsewhere are indexed by position in this list.</summary>
    public IReadOnlyList<MigGpuProfile> Profiles => _profiles;

    /// <summary>Position of a profile, by its name here or an alias; -1 when the GPU has no such profile.</summary>
    public int IndexOf(MigProfile profile) => _index.GetValueOrDefault(profile, -1);

    /// <summary>
    /// The profiles a resource name may stand for. With a device plugin before v0.20.0 the name without suffix also covers its
    /// <c>-me</c>, <c>+me.all</c> and <c>+gfx</c> variants; <c>+me</c> kept its own name.
    /// </summary>
    /// <param name="advertised">The profile the resource name spells.</param>
    /// <param name="pluginBefore020">Whether the node's device plugin is older than v0.20.0, or may be.</param>
    public IEnumerable<int> Candidates(MigProfile advertised, bool pluginBefore020)
    {
        var exact = IndexOf(advertised);
        if (exact >= 0) yield return exact;
        if (!pluginBefore020 || advertised.Suffix != MigProfileSuffix.None) yield break;
        for (var index = 0; index < _profiles.Length; index++)
        {
            var suffix = _profiles[index].Profile.Suffix;
            if (index != exact && suffix != MigProfileSuffix.Media && _profiles[index].Profile.Base == advertised) yield return index;
        }
    }

    /// <summary>Whether an occupancy is one that instances of this GPU can make.</summary>
    public bool IsLegal(MigOccupancy occupancy) => Grid.IndexOf(occupancy.Mask) >= 0;

    /// <summary>How many more instances of a profile alone fit at most; 0 when its placements are not known.</summary>
    /// <param name="occupancy">What is taken; must be legal.</param>
    /// <param name="profile">Position of the profile in <see cref="Profiles"/>.</param>
    /// <exception cref="ArgumentException">The occupancy is not legal.</exception>
    public int Placeable(MigOccupancy occupancy, int profile) => Transitions.Placeable(RowOf(occupancy))[profile];

    /// <summary>The starts at which an instance of a profile fits now: bit i for start i.</summary>
    /// <param name="occupancy">What is taken; must be legal.</param>
    /// <param name="profile">Position of the profile in <see cref="Profiles"/>.</param>
    /// <exception cref="ArgumentException">The occupancy is not legal.</exception>
    public ushort FreeStarts(MigOccupancy occupancy, int profile)
    {
        var entry = _profiles[profile];
        if (entry.Shape < 0 || (occupancy.MediaTaken && entry.Profile.TakesMedia)) return 0;
        return Grid.FreeStarts(RowOf(occupancy) >> 1, entry.Shape);
    }

    /// <summary>What is taken once an instance lies at a start.</summary>
    /// <exception cref="ArgumentException">The start is not free for the profile.</exception>
    public MigOccupancy Place(MigOccupancy occupancy, int profile, int start)
    {
        if ((uint)start >= MigGrid.MaxSize || (FreeStarts(occupancy, profile) & (1 << start)) == 0)
        {
            throw new ArgumentException(
                $"{_profiles[profile].Profile} does not fit at memory slice {start} of {Name} with slices {occupancy.Mask:X} taken", nameof(start));
        }

        var entry = _profiles[profile];
        return new MigOccupancy(
            (ushort)(occupancy.Mask | Grid.Shapes[entry.Shape].MaskAt(start)), occupancy.MediaTaken || entry.Profile.TakesMedia);
    }

    /// <summary>What is taken once the instance at a start is gone.</summary>
    /// <exception cref="ArgumentException">No such instance can be there.</exception>
    public MigOccupancy Remove(MigOccupancy occupancy, int profile, int start)
    {
        var entry = _profiles[profile];
        var known = entry.Shape >= 0 && entry.Starts.Contains(start);
        var mask = known ? Grid.Shapes[entry.Shape].MaskAt(start) : (ushort)0;
        if (!known || (occupancy.Mask & mask) != mask || (entry.Profile.TakesMedia && !occupancy.MediaTaken))
        {
            throw new ArgumentException($"no {entry.Profile} lies at memory slice {start} of {Name} with slices {occupancy.Mask:X} taken", nameof(start));
        }

        return new MigOccupancy((ushort)(occupancy.Mask & ~mask), occupancy.MediaTaken && !entry.Profile.TakesMedia);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>The row of an occupancy in <see cref="Transitions"/>.</summary>
    /// <exception cref="ArgumentException">The occupancy is not legal.</exception>
    internal int RowOf(MigOccupancy occupancy)
    {
        var row = Transitions.RowOf(occupancy);
        return row >= 0 ? row
            : throw new ArgumentException($"no instances of {Name} take exactly the memory slices {occupancy.Mask:X}", nameof(occupancy));
    }
}
