using GpuScheduler.Server.Sources;
using YamlDotNet.Core;

namespace GpuScheduler.Server.Tests.Sources;

/// <summary>What would end the process is refused before it does: a stack overflow cannot be caught.</summary>
public sealed class PlainYamlTests
{
    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    public void Load_NestedWithoutEnd_IsRefused(string opening)
    {
        var problem = Assert.Throws<YamlException>(() => PlainYaml.Load(string.Concat(Enumerable.Repeat(opening, 100_000))));
        Assert.Contains("nested too deep", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AliasesOfAliasesAsAKey_AreRefused()
    {
        var text = "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n")) + "? *a40\n: 1\n";
        Assert.Contains("a key is not text", Assert.Throws<YamlException>(() => PlainYaml.Load(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AsDeepAsMayBe_IsRead() =>
        Assert.Single(PlainYaml.Load(new string('[', PlainYaml.MaxDepth) + new string(']', PlainYaml.MaxDepth)).Documents);

    [Fact]
    public void Load_KeysAndValuesOfAllKinds_AreTold()
    {
        var yaml = PlainYaml.Load("a: &x {b: [1, {c: 2}], d: e}\nf: *x\n'g': |\n  text\n---\n[]\n");
        Assert.Equal(2, yaml.Documents.Count);
    }
}
