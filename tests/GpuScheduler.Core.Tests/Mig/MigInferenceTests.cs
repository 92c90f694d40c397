using FsCheck;
using FsCheck.Fluent;
using GpuScheduler.Core.Mig;

namespace GpuScheduler.Core.Tests.Mig;

public class MigInferenceTests
{
    [Theory]
    [InlineData("A100-40GB", 8, "7g.40gb=8", MigInferenceStatus.Certain)]
    [InlineData("A100-40GB", 1, "1g.5gb=7", MigInferenceStatus.Certain)]
    [InlineData("A100-40GB", 2, "3g.20gb=4", MigInferenceStatus.Certain)]
    [InlineData("A100-40GB", 1, "3g.20gb=1", MigInferenceStatus.Ambiguous)]
    [InlineData("A100-40GB", 8, "1g.5gb=16 2g.10gb=8 3g.20gb=8", MigInferenceStatus.Ambiguous)]
    [InlineData("A100-40GB", 1, "1g.5gb=8", MigInferenceStatus.Impossible)]
    [InlineData("A100-40GB", 2, "7g.40gb=2 1g.5gb=1", MigInferenceStatus.Impossible)]
    [InlineData("A100-40GB", 1, "1g.5gb+me=2", MigInferenceStatus.Impossible)]
    [InlineData("A100-40GB", 1, "1g.6gb=1", MigInferenceStatus.Impossible)]
    [InlineData("A100-40GB", 0, "1g.5gb=1", MigInferenceStatus.Impossible)]
    [InlineData("A100-40GB", 0, "", MigInferenceStatus.Unknown)]
    [InlineData("A100-40GB", 16, "1g.5gb=40 1g.10gb=8 2g.10gb=16 3g.20gb=8", MigInferenceStatus.Unknown)]
    [InlineData("RTX-PRO-5000-48GB", 1, "4g.48gb=1", MigInferenceStatus.Unknown)]
    [InlineData("RTX-PRO-6000-96GB", 2, "2g.48gb=1 2g.48gb-me=3", MigInferenceStatus.Certain)]
    public void FromCounts_DeviceCounts_SayHowMuchIsKnown(string gpu, int gpus, string devices, MigInferenceStatus status)
    {
        var inference = Infer(gpu, gpus, devices);
        Assert.Equal(status, inference.Status);
        Assert.Equal(status is MigInferenceStatus.Certain or MigInferenceStatus.Ambiguous, inference.Layouts.Count > 0);
        Assert.Equal(inference.Layouts.Count == 0, inference.Reason.Length > 0);
    }

    [Fact]
    public void FromCounts_LoneThirdSize_KnowsNeitherHalf()
    {
        var inference = Infer("A100-40GB", 1, "3g.20gb=1");
        Assert.Equal([0x0F, 0xF0], inference.Layouts.Select(layout => (int)layout.Mask).Order());
        Assert.Equal(0, inference.CertainlyTaken);
        Assert.Equal(0xFF, inference.PossiblyTaken);
    }

    [Fact]
    public void FromCounts_NameThatOlderPluginsFold_IsReadAsAnyVariant()
    {
        var entry = new MigGeometryEntry("Folded", ["F"], 96, [new("1g.24gb-me", [0, 3, 6, 9], 3), new("4g.96gb", [0], 12)]);
        var geometry = Gpus.Compile(entry);
        var devices = new Dictionary<MigProfile, long> { [Gpus.Profile("1g.24gb")] = 4 };

        Assert.Equal(MigInferenceStatus.Certain, MigInference.FromCounts(geometry, 1, devices, pluginBefore020: true).Status);
        Assert.Equal(MigInferenceStatus.Impossible, MigInference.FromCounts(geometry, 1, devices, pluginBefore020: false).Status);
    }

    [Fact]
    public void FromCounts_OfAnyGpus_NeverExcludesTheLayoutsTheyHave()
    {
        var geometry = Gpus.Named("A100-40GB");
        var layouts = MigLayout.All(geometry.Grid).ToArray();
        var plain = geometry.Grid.Shapes.Select((_, shape) => geometry.Profiles.First(profile => profile.Shape == shape).Profile).ToArray();
        var node = Gen.Elements(layouts).ArrayOf(3);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(Arb.From(node), gpus =>
        {
            var devices = gpus.SelectMany(layout => layout.Instances).GroupBy(instance => plain[instance.Shape])
                .ToDictionary(group => group.Key, group => (long)group.Count());
            var inference = MigInference.FromCounts(geometry, gpus.Length, devices, pluginBefore020: false);

            Assert.NotEqual(MigInferenceStatus.Impossible, inference.Status);
            if (inference.Status == MigInferenceStatus.Unknown) return;
            var possible = inference.Layouts.Select(layout => string.Join(' ', layout.Instances)).ToHashSet();
            foreach (var layout in gpus)
            {
                Assert.Contains(string.Join(' ', layout.Instances), possible);
                Assert.Equal(inference.CertainlyTaken, inference.CertainlyTaken & layout.Mask);
                Assert.Equal(layout.Mask, inference.PossiblyTaken & layout.Mask);
            }
        }));
    }

    private static MigInference Infer(string gpu, int gpus, string devices) => MigInference.FromCounts(
        Gpus.Named(gpu),
        gpus,
        devices.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .ToDictionary(pair => Gpus.Profile(pair[0]), pair => long.Parse(pair[1])),
        pluginBefore020: false);
}
