using System.Buffers;
using System.Text;
using System.Text.Json;
using k8s.Models;

namespace GpuScheduler.Kubernetes.Tests;

public sealed class ModelTests
{
    private static readonly DateTimeOffset WholeSecond = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly Lease SomeLease = new()
    {
        Meta = new("gpu-scheduler", "leader", "u1", "7"),
        HolderIdentity = "one",
        LeaseDurationSeconds = 15,
        AcquireTime = WholeSecond.AddTicks(1234567),
        RenewTime = new DateTimeOffset(2026, 1, 2, 5, 4, 5, TimeSpan.FromHours(2)),
    };

    private static KubernetesEvent SomeEvent => new()
    {
        Meta = ObjectMeta.Empty with { Namespace = "default", Name = "a.1" },
        EventTime = WholeSecond,
        ReportingController = "example.com/gpu-scheduler",
        ReportingInstance = "gpu-scheduler-0",
        Action = "Binding",
        Reason = "Allocated",
        Note = "got GPU 3",
        Regarding = new("v1", "Pod", ObjectMeta.Empty with { Namespace = "default", Name = "a", Uid = "u1" }),
    };

    [Fact]
    public void LeaseWrite_WholeSecondInAnotherZone_HasSixDigitsAndIsUtc() => Assert.Equal(
        """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"leader","namespace":"gpu-scheduler","resourceVersion":"7","uid":"u1"},"spec":{"acquireTime":"2026-01-02T03:04:05.123456Z","holderIdentity":"one","leaseDurationSeconds":15,"leaseTransitions":0,"renewTime":"2026-01-02T03:04:05.000000Z"}}""",
        Write(SomeLease, LeaseModel.Codec));

    [Fact]
    public void LeaseWrite_Released_WritesTheEmptyHolder() => Assert.Contains(
        "\"holderIdentity\":\"\"", Write(SomeLease with { HolderIdentity = "" }, LeaseModel.Codec), StringComparison.Ordinal);

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", 0)]
    [InlineData("2026-01-02T03:04:05.123456Z", 1234560)]
    [InlineData("2026-01-02T05:04:05.5+02:00", 5000000)]
    public void LeaseRead_AnyRfc3339Time_IsThatMoment(string text, int ticks)
    {
        var lease = Read($$$"""{"metadata":{"name":"l"},"spec":{"renewTime":"{{{text}}}","acquireTime":null},"status":{}}""", LeaseModel.Codec);

        Assert.Equal(WholeSecond.AddTicks(ticks), lease.RenewTime);
        Assert.Null(lease.AcquireTime);
    }

    [Theory]
    [InlineData("""{"spec":{"renewTime":"yesterday"}}""")]
    [InlineData("""{"spec":{"leaseDurationSeconds":"15"}}""")]
    [InlineData("""{"metadata":[]}""")]
    public void LeaseRead_FieldOfAnotherType_IsABadObject(string json)
    {
        var error = Record.Exception(() => Read(json, LeaseModel.Codec));

        Assert.NotNull(error);
        Assert.True(ObjectErrors.IsBadObject(error), error.ToString());
    }

    [Fact]
    public void LeaseRead_NothingInIt_IsEmpty()
    {
        var lease = Read("{}", LeaseModel.Codec);

        Assert.Equal((ObjectMeta.Empty, "", 0), (lease.Meta, lease.HolderIdentity, lease.LeaseTransitions));
        Assert.Empty(lease.Labels);
    }

    [Fact]
    public void EventPatches_Repeated_HoldNothingButWhatChanged()
    {
        var series = new EventSeries(3, WholeSecond);

        Assert.Equal("""{"series":{"count":3,"lastObservedTime":"2026-01-02T03:04:05.000000Z"}}""", Encoding.UTF8.GetString(EventModel.SeriesPatch(series).Span));
        Assert.Equal("""{"count":3,"lastTimestamp":"2026-01-02T03:04:05.000000Z"}""", Encoding.UTF8.GetString(CoreEventModel.CountPatch(series).Span));
    }

    [Fact]
    public void CoreEventWrite_Event_HasTheOldNames()
    {
        using var json = JsonDocument.Parse(Write(SomeEvent with { IsWarning = true }, CoreEventModel.Codec));
        var root = json.RootElement;

        Assert.Equal(("v1", "Event", "got GPU 3"), (Text(root, "apiVersion"), Text(root, "kind"), Text(root, "message")));
        Assert.Equal(("Warning", "Allocated"), (Text(root, "type"), Text(root, "reason")));
        Assert.Equal("a", Text(root.GetProperty("involvedObject"), "name"));
        Assert.Equal("example.com/gpu-scheduler", Text(root.GetProperty("source"), "component"));
        Assert.Equal(1, root.GetProperty("count").GetInt32());
    }

    [Fact]
    public void DiscoveryCombine_VendorsVersion_ReadsTheDigits()
    {
        var list = new V1APIGroupList { Groups = [new V1APIGroup { Versions = [new V1GroupVersionForDiscovery { GroupVersion = "events.k8s.io/v1" }] }, new V1APIGroup()] };

        var info = Discovery.Combine(new VersionInfo { GitVersion = "v1.27.3-gke.100", Major = "1", Minor = "27+" }, list);

        Assert.Equal(("v1.27.3-gke.100", 1, 27), (info.GitVersion, info.Major, info.Minor));
        Assert.Equal(["events.k8s.io/v1", "v1"], info.GroupVersions.Order());
    }

    [Theory]
    [InlineData("""{"kind":"Status","code":"409"}""")]
    [InlineData("""{"kind":"Status","details":[]}""")]
    [InlineData("""{"kind":"Pod","status":{"phase":"Failed"}}""")]
    [InlineData("null")]
    [InlineData("upstream connect error")]
    public void StatusTryRead_NoStatus_IsNull(string body) => Assert.Null(StatusReader.TryRead(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void StatusTryRead_Causes_AreKept()
    {
        var status = StatusReader.TryRead(
            """{"kind":"Status","code":422,"reason":"Invalid","message":"m","details":{"retryAfterSeconds":3,"causes":[{"reason":"FieldValueInvalid","message":"too long","field":"note"}]}}"""u8)!;

        Assert.Equal((422, "Invalid", TimeSpan.FromSeconds(3)), (status.Code, status.Reason, status.RetryAfter));
        Assert.Equal(new ApiStatusCause("FieldValueInvalid", "too long", "note"), Assert.Single(status.Causes));
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string Write<T>(T value, IObjectWriter<T> codec)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            codec.Write(writer, value);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static T Read<T>(string json, IObjectReader<T> reader)
    {
        var bytes = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        bytes.Read();
        return reader.Read(ref bytes);
    }
}
