using System.Globalization;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Mig;

/// <summary>
/// The name of a GPU instance profile, taken apart. The name alone says nothing of the shape: <c>1g.10gb</c> is two memory slices of an
/// A100 40 GB and one of an A100 80 GB, so placements are looked up in a <see cref="MigGeometry"/>.
/// </summary>
/// <param name="ComputeSlices">The number before <c>g</c>.</param>
/// <param name="MemoryGb">The number before <c>gb</c>: nominal gigabytes, rounded by the driver.</param>
/// <param name="Suffix">What follows.</param>
public sealed record MigProfile(int ComputeSlices, int MemoryGb, MigProfileSuffix Suffix)
{
    private static readonly (string Name, string Resource, MigProfileSuffix Suffix)[] Suffixes =
    [
        ("+me.all", ".me.all", MigProfileSuffix.AllMedia),
        ("+me", ".me", MigProfileSuffix.Media),
        ("-me", "-me", MigProfileSuffix.NoMedia),
        ("+gfx", ".gfx", MigProfileSuffix.Graphics),
    ];

    /// <summary>As nvidia-smi and mig-parted write it: <c>1g.10gb+me</c>.</summary>
    public string Name => Text(suffix => suffix.Name);

    /// <summary>
    /// The extended resource of the device plugin's mixed strategy: <c>+</c> becomes <c>.</c>, as in <c>nvidia.com/mig-1g.10gb.me</c>
    /// (k8s-device-plugin <c>internal/rm/rm.go</c>).
    /// </summary>
    public string ResourceName => GpuResourceCatalog.MigPrefix + Text(suffix => suffix.Resource);

    /// <summary>
    /// The same profile without suffix. Before v0.20.0 the device plugin advertised <c>-me</c>, <c>+me.all</c> and <c>+gfx</c> devices
    /// under its name (k8s-device-plugin pull request 1807).
    /// </summary>
    public MigProfile Base => Suffix == MigProfileSuffix.None ? this : this with { Suffix = MigProfileSuffix.None };

    /// <summary>Whether it takes the one set of media engines of which a GPU has no second.</summary>
    public bool TakesMedia => Suffix is MigProfileSuffix.Media or MigProfileSuffix.AllMedia;

    /// <summary>Reads a profile name such as <c>1g.10gb+me</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="profile">The profile; null when the name is none.</param>
    /// <param name="problem">What is wrong with the name, and what it should be; empty when nothing is.</param>
    public static bool TryParse(string name, out MigProfile? profile, out string problem) =>
        TryParse(name, suffix => suffix.Name, out profile, out problem);

    /// <summary>Reads a resource name such as <c>nvidia.com/mig-1g.10gb.me</c>.</summary>
    /// <param name="resourceName">The resource name.</param>
    /// <param name="profile">The profile; null when the resource is no MIG profile.</param>
    /// <param name="problem">What is wrong with the name, and what it should be; empty when nothing is.</param>
    public static bool TryParseResource(string resourceName, out MigProfile? profile, out string problem)
    {
        if (resourceName.StartsWith(GpuResourceCatalog.MigPrefix, StringComparison.Ordinal))
        {
            return TryParse(resourceName[GpuResourceCatalog.MigPrefix.Length..], suffix => suffix.Resource, out profile, out problem);
        }

        profile = null;
        problem = $"resource '{resourceName}' is no MIG profile: its name does not begin with {GpuResourceCatalog.MigPrefix}";
        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static bool TryParse(
        string text, Func<(string Name, string Resource, MigProfileSuffix Suffix), string> spelling, out MigProfile? profile, out string problem)
    {
        profile = null;
        var rest = text;
        var suffix = MigProfileSuffix.None;
        foreach (var known in Suffixes)
        {
            if (!rest.EndsWith(spelling(known), StringComparison.Ordinal)) continue;
            suffix = known.Suffix;
            rest = rest[..^spelling(known).Length];
            break;
        }

        var parts = rest.Split('.');
        if (parts.Length == 3 && TryNumber(parts[0], "c", out _))
        {
            problem = $"MIG profile '{text}' is a compute instance inside a GPU instance: the device plugin does not advertise these, ask for the GPU instance";
            return false;
        }

        if (parts.Length == 2 && TryNumber(parts[0], "g", out var compute) && TryNumber(parts[1], "gb", out var memory))
        {
            profile = new MigProfile(compute, memory, suffix);
            problem = "";
            return true;
        }

        problem = $"MIG profile '{text}' is not of the form 1g.10gb, with one of {string.Join(' ', Suffixes.Select(spelling))} behind it or nothing";
        return false;
    }

    private static bool TryNumber(string text, string unit, out int number)
    {
        number = 0;
        return text.EndsWith(unit, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number > 0 && text[0] != '0';
    }

    private string Text(Func<(string Name, string Resource, MigProfileSuffix Suffix), string> spelling) =>
        $"{ComputeSlices}g.{MemoryGb}gb{Suffixes.Where(known => known.Suffix == Suffix).Select(spelling).FirstOrDefault()}";
}
