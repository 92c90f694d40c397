using System.Reflection;
using System.Text;
using GpuScheduler.Core.Constraints;
using GpuScheduler.Core.Devices;
using GpuScheduler.Core.Health;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Resources;

namespace GpuScheduler.Core.Tests.Constraints;

public sealed class ConstraintAnnotationsTests
{
    [Fact]
    public void Read_NoneOfOurs_IsNull() =>
        Assert.Null(ConstraintAnnotations.Read(new Dictionary<string, string> { ["a/b"] = "c", ["gpu-scheduler.io/devices"] = "[]" }, out _));

    [Fact]
    public void Read_AnnotationsThatSayWhatHoldsAnyway_IsNull() => Assert.Null(Read(("whole-gpu-only", "false"), ("exclusive-node", "false")));

    [Theory]
    [InlineData("min-gpu-memory", "40Gi", "min-gpu-memory=40Gi")]
    [InlineData("min-gpu-memory", "80G", "min-gpu-memory=76294Mi")]
    [InlineData("min-compute-capability", "9", "min-compute-capability=9.0")]
    [InlineData("min-compute-capability", "8.6", "min-compute-capability=8.6")]
    [InlineData("min-compute-capability", "12.10", "min-compute-capability=12.10")]
    [InlineData("whole-gpu-only", "true", "whole-gpu-only")]
    [InlineData("exclusive-node", " true ", "exclusive-node")]
    [InlineData("link-island", "required", "link-island=Required")]
    [InlineData("numa-node", "preferred", "numa-node=Preferred")]
    [InlineData("placement", "pack", "placement=Pack")]
    [InlineData("placement", "spread", "placement=Spread")]
    [InlineData("avoid-gpu", "GPU-b, GPU-a,,GPU-b", "avoid-gpu=GPU-a,GPU-b")]
    public void Read_GoodValue_IsUnderstood(string name, string value, string expected) => Assert.Equal(expected, $"{Read((name, value))}");

    [Theory]
    [InlineData("gpu-model", "|", "'|' names no GPU model")]
    [InlineData("min-gpu-memory", "lots", "'lots' is not a quantity")]
    [InlineData("min-gpu-memory", "-1Gi", "'-1Gi' is no memory size")]
    [InlineData("min-gpu-memory", "0", "'0' is no memory size")]
    [InlineData("min-gpu-memory", "5000Ti", "'5000Ti' is no memory size")]
    [InlineData("min-compute-capability", "ampere", "'ampere' is no compute capability")]
    [InlineData("min-compute-capability", "8.6.1", "'8.6.1' is no compute capability")]
    [InlineData("whole-gpu-only", "yes", "'yes' is neither true nor false")]
    [InlineData("exclusive-node", "", "'' is neither true nor false")]
    [InlineData("link-island", "true", "'true' is neither required nor preferred")]
    [InlineData("numa-node", "Required", "'Required' is neither required nor preferred")]
    [InlineData("placement", "binpack", "'binpack' is neither pack nor spread")]
    [InlineData("avoid-gpu", " , ", "'' names no GPU")]
    public void Read_BadValue_IsAProblemThatNamesTheAnnotation(string name, string value, string problem)
    {
        var told = Assert.Single(Read((name, value))!.Problems);
        Assert.StartsWith($"annotation gpu-scheduler.io/{name}: ", told);
        Assert.Contains(problem.TrimStart('\''), told.Replace(",", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gpu-modle", "unknown annotation gpu-scheduler.io/gpu-modle, did you mean gpu-scheduler.io/gpu-model?")]
    [InlineData("MIN-GPU-MEMORY", "unknown annotation gpu-scheduler.io/MIN-GPU-MEMORY, did you mean gpu-scheduler.io/min-gpu-memory?")]
    [InlineData("entirely-different-things", "unknown annotation gpu-scheduler.io/entirely-different-things")]
    public void Read_UnknownName_IsToldWithTheNearestKnown(string name, string expected) =>
        Assert.Equal([expected], Read((name, "x"))!.Unknown);

    [Fact]
    public void Equals_SameContentInAnyOrder_IsEqual()
    {
        var left = Read(("placement", "pack"), ("avoid-gpu", "a,b"), ("zzz", "1"), ("link-island", "maybe"));
        var right = Read(("link-island", "maybe"), ("zzz", "2"), ("avoid-gpu", "b,a"), ("placement", "pack"));
        Assert.Equal(left, right);
        Assert.Equal(left!.GetHashCode(), right!.GetHashCode());
        Assert.NotEqual(left, Read(("placement", "pack"), ("avoid-gpu", "a,b"), ("zzz", "1")));
    }

    [Fact]
    public void BearingOf_EveryKnownName_SaysWhatTheShapeDependsOn()
    {
        Assert.All(ConstraintAnnotations.Names, name => Assert.Equal(AnnotationBearing.Value, Bearing(name)));
        Assert.All(KnownAnnotations.OtherOfPods, name => Assert.Equal(AnnotationBearing.None, Bearing(name)));
        Assert.Equal(AnnotationBearing.Name, Bearing("gpu-scheduler.io/gpu-modle"));
        Assert.Equal(AnnotationBearing.None, Bearing("example.com/gpu-model"));

        static AnnotationBearing Bearing(string name) => ConstraintAnnotations.BearingOf(Encoding.UTF8.GetBytes(name));
    }

    /// <summary>An annotation that is added to the code must be added to the list, or pods that use it are told it is unknown.</summary>
    [Fact]
    public void KnownAnnotations_EveryConstantUnderOurPrefix_IsListed()
    {
        string[] ofNodes = [NodeDeviceAnnotation.Key, DeviceHealth.Annotation, MigNode.DynamicKey];
        string[] notAnnotations = [KnownAnnotations.Prefix, GpuResourceCatalog.GpuMilli];
        var constants = typeof(Node).Assembly.GetTypes()
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => field.IsLiteral && field.FieldType == typeof(string)).Select(field => (string)field.GetRawConstantValue()!)
            .Where(text => text.StartsWith(KnownAnnotations.Prefix, StringComparison.Ordinal)).Distinct().Except(ofNodes).Except(notAnnotations);
        Assert.Empty(constants.Except(KnownAnnotations.OfPods));
    }

    private static PodConstraints? Read(params (string Name, string Value)[] annotations) =>
        ConstraintAnnotations.Read(annotations.ToDictionary(pair => KnownAnnotations.Prefix + pair.Name, pair => pair.Value), out _);
}
