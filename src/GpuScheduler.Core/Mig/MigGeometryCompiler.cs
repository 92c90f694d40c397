namespace GpuScheduler.Core.Mig;

/// <summary>Checks <see cref="MigGeometryEntry"/> values and computes their tables; says everything that is wrong, not only the first.</summary>
internal sealed class MigGeometryCompiler
{
    private readonly Dictionary<string, MigGrid> _grids = [];
    private readonly List<MigGeometryProblem> _problems = [];

    public IReadOnlyList<MigGeometryProblem> Problems => _problems;

    /// <summary>The geometry of an entry; null after what is wrong was added to <see cref="Problems"/>.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="position">Its position in the file, from 1; names it when it has no name.</param>
    public MigGeometry? Compile(MigGeometryEntry entry, int position)
    {
        var before = _problems.Count;
        var label = string.IsNullOrWhiteSpace(entry.Name) ? $"#{position}" : $"'{entry.Name}'";
        if (string.IsNullOrWhiteSpace(entry.Name)) Report(label, "has no name; give it one");
        if (entry.MemoryGb <= 0) Report(label, $"memory of {entry.MemoryGb} GiB is not possible; give the GPU's whole memory");
        if (entry.Models.Any(model => string.IsNullOrWhiteSpace(model) || model.AsSpan().ContainsAny('|', ',')))
        {
            Report(label, "a model pattern is empty or holds '|' or ','; write one product per pattern, e.g. NVIDIA-A100-SXM4-80GB");
        }

        if (entry.Profiles.Count == 0) Report(label, "has no profiles; list those nvidia-smi mig -lgip shows");

        var names = new HashSet<MigProfile>();
        var read = new List<(MigProfileEntry Entry, MigProfile Profile, MigProfile[] Aliases)>();
        foreach (var profile in entry.Profiles)
        {
            var where = $"{label}, profile '{profile.Name}'";
            var all = new[] { profile.Name }.Concat(profile.Aliases).Select(name => ReadName(where, name, names)).ToArray();
            CheckPlacements(where, profile);
            if (all[0] is not { } own) continue;
            if (own.MemoryGb > entry.MemoryGb) Report(where, $"has more memory than the {entry.MemoryGb} GiB of the GPU");
            if (all.Any(name => name is not null && name.ComputeSlices != own.ComputeSlices)) Report(where, "an alias has another number of compute slices");
            read.Add((profile, own, [.. all.Skip(1).OfType<MigProfile>()]));
        }

        return _problems.Count == before ? Build(entry, label, read) : null;
    }

    private MigGeometry? Build(MigGeometryEntry entry, string label, List<(MigProfileEntry Entry, MigProfile Profile, MigProfile[] Aliases)> read)
    {
        var shapes = new List<MigShape>();
        var shapeOf = new int[read.Count];
        for (var index = 0; index < read.Count; index++)
        {
            var (profile, name, _) = read[index];
            shapeOf[index] = -1;
            if (profile.Size == 0) continue;
            shapeOf[index] = shapes.FindIndex(shape =>
                shape.ComputeSlices == name.ComputeSlices && shape.Size == profile.Size && shape.Starts.SequenceEqual(profile.Starts));
            if (shapeOf[index] >= 0) continue;
            shapeOf[index] = shapes.Count;
            shapes.Add(new MigShape(name.ComputeSlices, profile.Size, [.. profile.Starts]));
        }

        var grid = GridOf(shapes);
        var compute = read.Max(profile => profile.Profile.ComputeSlices);
        if (grid.MostComputeSlices() > compute)
        {
            Report(label, $"its placements allow {grid.MostComputeSlices()} compute slices in use, more than the {compute} of its largest profile");
            return null;
        }

        var before = _problems.Count;
        var profiles = new List<MigGpuProfile>();
        for (var index = 0; index < read.Count; index++)
        {
            var (profile, name, aliases) = read[index];
            var geometric = shapeOf[index] < 0 ? profile.MaxCount : grid.Placeable(0, shapeOf[index]);
            var most = name.TakesMedia ? Math.Min(1, geometric) : geometric;
            if (profile.MaxCount != 0 && profile.MaxCount != most)
            {
                Report($"{label}, profile '{profile.Name}'", $"is said to fit {profile.MaxCount} times, but its placements make it {most}; correct either");
            }

            profiles.Add(new MigGpuProfile(name, aliases, [.. profile.Starts], profile.Size, most, shapeOf[index]));
        }

        return _problems.Count == before ? new MigGeometry(entry, profiles, grid) : null;
    }

    private MigProfile? ReadName(string where, string name, HashSet<MigProfile> names)
    {
        if (!MigProfile.TryParse(name, out var profile, out var problem))
        {
            Report(where, problem);
            return null;
        }

        if (!names.Add(profile!)) Report(where, $"the name '{name}' occurs twice on this GPU; keep one");
        return profile;
    }

    private void CheckPlacements(string where, MigProfileEntry profile)
    {
        if (profile.Starts.Count == 0 && profile.Size == 0)
        {
            if (profile.MaxCount <= 0) Report(where, "has neither placements nor a maximum count; give one of them");
            return;
        }

        if (profile.Starts.Count == 0 || profile.Size <= 0)
        {
            Report(where, "has starts without a size or a size without starts; give both, or neither where placements are not known");
            return;
        }

        if (profile.MaxCount < 0) Report(where, $"a maximum count of {profile.MaxCount} is not possible");
        for (var index = 1; index < profile.Starts.Count; index++)
        {
            if (profile.Starts[index] > profile.Starts[index - 1]) continue;
            Report(where, "its starts are not in ascending order");
            return;
        }

        if (profile.Starts[0] < 0 || profile.Starts[^1] + profile.Size > MigGrid.MaxSize)
        {
            Report(where, $"an instance would lie outside memory slices 0 to {MigGrid.MaxSize - 1}");
        }
    }

    /// <summary>GPUs of the same shapes share one grid: the tables are the same whatever the profiles are called.</summary>
    private MigGrid GridOf(List<MigShape> shapes)
    {
        var key = string.Join(';', shapes.Select(shape => $"{shape.ComputeSlices}/{shape.Size}@{string.Join(',', shape.Starts)}"));
        if (!_grids.TryGetValue(key, out var grid)) _grids.Add(key, grid = new MigGrid(shapes));
        return grid;
    }

    private void Report(string entry, string message) => _problems.Add(new MigGeometryProblem(entry, message));
}
