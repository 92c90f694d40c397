using GpuScheduler.Core.Mig;

namespace GpuScheduler.Core.Tests.Mig;

public class MigCatalogTests
{
    private const string Starts1 = "0,1,2,3,4,5,6";

    public static TheoryData<string, string, string, string, string, string> EightSliceGpus { get; } = new()
    {
        { "A100-40GB", "1g.5gb", "10gb", "3g.20gb", "4g.20gb", "7g.40gb" },
        { "A100-80GB", "1g.10gb", "20gb", "3g.40gb", "4g.40gb", "7g.80gb" },
        { "H100-80GB", "1g.10gb", "20gb", "3g.40gb", "4g.40gb", "7g.80gb" },
        { "H100-94GB", "1g.12gb", "24gb", "3g.47gb", "4g.47gb", "7g.94gb" },
        { "H100-96GB", "1g.12gb", "24gb", "3g.48gb", "4g.48gb", "7g.96gb" },
        { "H200-141GB", "1g.18gb", "35gb", "3g.71gb", "4g.71gb", "7g.141gb" },
        { "GH200-144GB", "1g.18gb", "36gb", "3g.72gb", "4g.72gb", "7g.144gb" },
        { "B200-180GB", "1g.23gb", "45gb", "3g.90gb", "4g.90gb", "7g.180gb" },
        { "GB200-186GB", "1g.23gb", "47gb", "3g.93gb", "4g.93gb", "7g.186gb" },
        { "B300-269GB", "1g.34gb", "67gb", "3g.135gb", "4g.135gb", "7g.269gb" },
        { "GB300-278GB", "1g.35gb", "70gb", "3g.139gb", "4g.139gb", "7g.278gb" },
    };

    [Theory]
    [MemberData(nameof(EightSliceGpus))]
    public void Profiles_OfEightSliceGpus_AreTheGuides(string gpu, string one, string quarter, string three, string four, string seven)
    {
        Assert.Equal(
            [
                $"{one} {Starts1}:1 x7", $"{one}+me {Starts1}:1 x1", $"1g.{quarter} 0,2,4,6:2 x4", $"2g.{quarter} 0,2,4:2 x3",
                $"{three} 0,4:4 x2", $"{four} 0:4 x1", $"{seven} 0:8 x1",
            ],
            Rows(gpu));
    }

    [Theory]
    [InlineData("A30-24GB", "1g.6gb 0,1,2,3:1 x4|1g.6gb+me 0,1,2,3:1 x1|2g.12gb 0,2:2 x2|2g.12gb+me 0,2:2 x1|4g.24gb 0:4 x1")]
    [InlineData("RTX-PRO-6000-96GB", "1g.24gb 0,3,6,9:3 x4|1g.24gb+me 0,3,6,9:3 x1|1g.24gb+gfx 0,3,6,9:3 x4|1g.24gb+me.all 0,3,6,9:3 x1|"
        + "1g.24gb-me 0,3,6,9:3 x4|2g.48gb 0,6:6 x2|2g.48gb+gfx 0,6:6 x2|2g.48gb+me.all 0,6:6 x1|2g.48gb-me 0,6:6 x2|4g.96gb 0:12 x1|4g.96gb+gfx 0:12 x1")]
    [InlineData("RTX-PRO-5000-48GB", "1g.12gb :0 x1|1g.12gb-me :0 x3|1g.12gb+me :0 x1|1g.12gb+gfx :0 x1|2g.24gb-me :0 x1|4g.48gb :0 x1|4g.48gb+gfx :0 x1")]
    public void Profiles_OfOtherGpus_AreTheGuides(string gpu, string rows) => Assert.Equal(rows.Split('|'), Rows(gpu));

    [Theory]
    [InlineData("NVIDIA-A100-SXM4-40GB", 40960, "A100-40GB")]
    [InlineData("NVIDIA-A100-PCIE-40GB", 0, "A100-40GB")]
    [InlineData("A100-SXM4-40GB", 40536, "A100-40GB")]
    [InlineData("NVIDIA-A100-SXM4-80GB", 81920, "A100-80GB")]
    [InlineData("NVIDIA-A100-80GB-PCIe", 81920, "A100-80GB")]
    [InlineData("NVIDIA-A800-SXM4-80GB", 0, "A100-80GB")]
    [InlineData("NVIDIA-H100-80GB-HBM3", 81559, "H100-80GB")]
    [InlineData("NVIDIA-H100-PCIe", 81559, "H100-80GB")]
    [InlineData("NVIDIA-H800", 0, "H100-80GB")]
    [InlineData("NVIDIA-H100-NVL", 95830, "H100-94GB")]
    [InlineData("NVIDIA-GH200-480GB", 97871, "H100-96GB")]
    [InlineData("NVIDIA-GH200-144G-HBM3e", 146831, "GH200-144GB")]
    [InlineData("NVIDIA-H20", 97871, "H100-96GB")]
    [InlineData("NVIDIA-H200", 143771, "H200-141GB")]
    [InlineData("NVIDIA-H200-NVL", 143771, "H200-141GB")]
    [InlineData("NVIDIA-B200", 183359, "B200-180GB")]
    [InlineData("NVIDIA-GB200", 189471, "GB200-186GB")]
    [InlineData("NVIDIA-B300-SXM6-AC", 275040, "B300-269GB")]
    [InlineData("NVIDIA-GB300", 284208, "GB300-278GB")]
    [InlineData("NVIDIA-A30", 24576, "A30-24GB")]
    [InlineData("NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition", 97887, "RTX-PRO-6000-96GB")]
    [InlineData("NVIDIA-RTX-PRO-5000-Blackwell", 48935, "RTX-PRO-5000-48GB")]
    [InlineData("", 143771, "H200-141GB")]
    [InlineData("Some-Renamed-A100", 40960, "A100-40GB")]
    [InlineData("Some-Renamed-Card", 81559, "A100-80GB")]
    public void Find_ModelAndMemory_FindsTheGpu(string model, int memoryMiB, string gpu) =>
        Assert.Equal(gpu, MigCatalog.Default.Find(model, memoryMiB)?.Name);

    [Theory]
    [InlineData("", 0)]
    [InlineData("NVIDIA-L40S", 0)]
    [InlineData("NVIDIA-H100-NVL", 24576)]
    [InlineData("NVIDIA-RTX-PRO-5000-Blackwell", 73343)]
    [InlineData("Some-Renamed-Card", 98304)]
    [InlineData("Some-Renamed-Card", 65536)]
    public void Find_UnknownOrAmbiguous_FindsNothing(string model, int memoryMiB) => Assert.Null(MigCatalog.Default.Find(model, memoryMiB));

    [Theory]
    [InlineData("3g.95gb", "3g.93gb")]
    [InlineData("4g.95gb", "4g.93gb")]
    [InlineData("7g.189gb", "7g.186gb")]
    public void IndexOf_OlderNameOfGb200_IsTheSameProfile(string older, string newer)
    {
        var geometry = Gpus.Named("GB200-186GB");
        Assert.Equal(Gpus.Index(geometry, newer), Gpus.Index(geometry, older));
        Assert.Equal(newer, geometry.Profiles[Gpus.Index(geometry, older)].Profile.Name);
    }

    [Fact]
    public void IndexOf_OneNameOnTwoGpus_IsTwoShapes()
    {
        var small = Gpus.Named("A100-40GB");
        var large = Gpus.Named("A100-80GB");
        Assert.Equal(2, small.Profiles[Gpus.Index(small, "1g.10gb")].Size);
        Assert.Equal(1, large.Profiles[Gpus.Index(large, "1g.10gb")].Size);
        Assert.Equal(-1, Gpus.Index(large, "1g.5gb"));
    }

    [Theory]
    [InlineData("1g.24gb", false, "1g.24gb")]
    [InlineData("1g.24gb", true, "1g.24gb 1g.24gb+gfx 1g.24gb+me.all 1g.24gb-me")]
    [InlineData("1g.24gb+me", true, "1g.24gb+me")]
    [InlineData("1g.10gb", true, "")]
    public void Candidates_OfAResourceName_CoverWhatOlderPluginsFoldIntoIt(string advertised, bool before020, string expected)
    {
        var geometry = Gpus.Named("RTX-PRO-6000-96GB");
        Assert.Equal(
            expected,
            string.Join(' ', geometry.Candidates(Gpus.Profile(advertised), before020).Select(index => geometry.Profiles[index].Profile.Name)));
    }

    [Fact]
    public void Read_EntryOfABuiltInName_ReplacesIt()
    {
        var entry = new MigGeometryEntry("A30-24GB", ["NVIDIA-A30"], 24, [new("1g.6gb", [0, 1, 2, 3], 1), new("4g.24gb", [0], 4)]);
        var (catalog, problems) = MigCatalog.Read([entry]);

        Assert.Empty(problems);
        Assert.Equal(MigCatalog.Default.Geometries.Count, catalog.Geometries.Count);
        var found = catalog.Find("NVIDIA-A30", 24576)!;
        Assert.Equal(["1g.6gb", "4g.24gb"], found.Profiles.Select(profile => profile.Profile.Name));
        Assert.Equal(4, found.Profiles[0].MaxCount);
    }

    [Fact]
    public void Read_NewGpuWithAGridOfItsOwn_TakesItsSizeFromTheTable()
    {
        var entry = new MigGeometryEntry("Future", ["NVIDIA-F*"], 160, [new("1g.10gb", [.. Enumerable.Range(0, 16)], 1), new("16g.160gb", [0], 16)]);
        var geometry = Gpus.Compile(entry);

        Assert.Equal(16, geometry.Grid.Size);
        Assert.Equal(16, geometry.Placeable(MigOccupancy.Empty, 0));
        Assert.Equal(65536, geometry.Grid.Masks.Length);
    }

    public static TheoryData<string, MigGeometryEntry, string> WrongEntries { get; } = new()
    {
        { "no name", new("", ["X"], 10, [new("1g.10gb", [0], 1)]), "#2: has no name" },
        { "memory", new("X", ["X"], 0, [new("1g.10gb", [0], 1)]), "'X': memory of 0 GiB" },
        { "model", new("X", [" "], 10, [new("1g.10gb", [0], 1)]), "'X': a model pattern is empty" },
        { "no profiles", new("X", ["X"], 10, []), "'X': has no profiles" },
        { "profile name", new("X", ["X"], 10, [new("1x.10gb", [0], 1)]), "'X', profile '1x.10gb': MIG profile '1x.10gb' is not of the form" },
        { "compute instance", new("X", ["X"], 10, [new("1c.2g.10gb", [0], 1)]), "compute instance" },
        { "profile twice", new("X", ["X"], 10, [new("1g.10gb", [0], 1), new("1g.10gb", [1], 1)]), "occurs twice on this GPU" },
        { "alias twice", new("X", ["X"], 10, [new("1g.10gb", [0], 1) { Aliases = ["1g.10gb"] }]), "occurs twice on this GPU" },
        { "profile memory", new("X", ["X"], 10, [new("1g.20gb", [0], 1)]), "has more memory than the 10 GiB" },
        { "no placements, no count", new("X", ["X"], 10, [new("1g.10gb", [], 0)]), "neither placements nor a maximum count" },
        { "size missing", new("X", ["X"], 10, [new("1g.10gb", [0], 0)]), "starts without a size" },
        { "starts missing", new("X", ["X"], 10, [new("1g.10gb", [], 1)]), "size without starts" },
        { "order", new("X", ["X"], 10, [new("1g.10gb", [1, 0], 1)]), "not in ascending order" },
        { "outside", new("X", ["X"], 10, [new("1g.10gb", [12], 5)]), "outside memory slices 0 to 15" },
        { "below", new("X", ["X"], 10, [new("1g.10gb", [-1], 1)]), "outside memory slices 0 to 15" },
        { "count", new("X", ["X"], 10, [new("1g.10gb", [0], 1, 2)]), "is said to fit 2 times, but its placements make it 1" },
        { "compute", new("X", ["X"], 10, [new("4g.10gb", [0, 4], 4)]), "allow 8 compute slices in use, more than the 4" },
        { "alias compute", new("X", ["X"], 10, [new("1g.10gb", [0], 1) { Aliases = ["2g.10gb"] }]), "an alias has another number of compute slices" },
    };

    [Theory]
    [MemberData(nameof(WrongEntries))]
    public void Read_WrongEntry_IsNamedAndLeftOutWithoutHidingOthers(string what, MigGeometryEntry wrong, string saying)
    {
        var right = new MigGeometryEntry("Right", ["R"], 10, [new("1g.10gb", [0], 1)]);
        var (catalog, problems) = MigCatalog.Read([right, wrong]);

        Assert.True(problems.Any(problem => problem.ToString().Contains(saying, StringComparison.Ordinal)), $"{what}: {string.Join("; ", problems)}");
        Assert.Equal(MigCatalog.Default.Geometries.Count + 1, catalog.Geometries.Count);
        Assert.Equal("Right", catalog.Find("R", 0)?.Name);
    }

    [Fact]
    public void Read_SeveralThingsWrong_SaysAll()
    {
        var (_, problems) = MigCatalog.Read([new MigGeometryEntry("X", [], 0, [new("1g.x", [0], 0), new("2g.y", [3, 1], 1)])]);
        Assert.Equal(5, problems.Count);
    }

    [Fact]
    public void Read_NameTwice_KeepsTheFirst()
    {
        var entry = new MigGeometryEntry("X", ["X"], 10, [new("1g.10gb", [0], 1)]);
        var (catalog, problems) = MigCatalog.Read([entry, entry with { MemoryGb = 20 }]);

        Assert.Contains("occurs twice in the file", Assert.Single(problems).Message, StringComparison.Ordinal);
        Assert.Equal(10, catalog.Find("X", 0)?.MemoryGb);
    }

    private static IEnumerable<string> Rows(string gpu) => Gpus.Named(gpu).Profiles.Select(profile =>
        $"{profile.Profile.Name} {string.Join(',', profile.Starts)}:{profile.Size} x{profile.MaxCount}");
}
