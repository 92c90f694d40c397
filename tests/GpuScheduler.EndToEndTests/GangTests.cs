using GpuScheduler.EndToEndTests.Harness;

namespace GpuScheduler.EndToEndTests;

/// <summary>Gangs that contend for room, placed by a real kube-scheduler one pod at a time: each starts whole or not at all.</summary>
public sealed class GangTests : IAsyncLifetime
{
    private const int Gangs = 10;
    private const int Size = 8;
    private const int Room = 6;

    private TestCluster _cluster = null!;

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("KUBE_ASSETS") is not { Length: > 0 }) return;
        _cluster = await TestCluster.StartAsync(ControlPlane.RequireAssets());

        // 48 GPUs: room for six gangs of eight.
        await _cluster.CreateNodesAsync(Room * Size / 4, gpus: 4);
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
    }

    [SkippableFact]
    public async Task TenGangs_RoomForSix_SixRunWholeAndTheNextFollowsWithinSeconds()
    {
        ControlPlane.RequireAssets();
        var instance = _cluster.StartInstance("one");
        await instance.WaitUntilReadyAsync();

        await CreateAsync(Members(), pause: TimeSpan.Zero);
        await AssertSixWholeAsync(TimeSpan.FromMinutes(2));

        var done = (await _cluster.BoundByGangAsync()).First(gang => gang.Value == Size).Key;
        for (var i = 0; i < Size; i++) await DeletePodAsync($"{done}-{i}");
        await AssertSixWholeAsync(TimeSpan.FromSeconds(30));
        await TestCluster.AssertNoDriftAsync(instance);
    }

    [SkippableFact]
    public async Task TenGangs_CreatedSlowlyInRandomOrderAndTheServiceKilled_SixRunWhole()
    {
        ControlPlane.RequireAssets();
        var first = _cluster.StartInstance("first");
        await first.WaitUntilReadyAsync();
        var members = Members();
        new Random(7).Shuffle(members);

        var creating = CreateAsync(members, pause: TimeSpan.FromMilliseconds(250));
        await Eventually.HoldsAsync("a gang is bound", TimeSpan.FromMinutes(2), async () => (await _cluster.PodsAsync()).Any(pod => pod.NodeName is not null));
        await first.KillAsync();
        var second = _cluster.StartInstance("second");
        await second.WaitUntilReadyAsync();
        await creating;

        await AssertSixWholeAsync(TimeSpan.FromMinutes(3));
        await TestCluster.AssertNoDriftAsync(second);
    }

    /// <summary>What is told to help the rest of a gang that runs is done, and helps.</summary>
    [SkippableFact]
    public async Task RunningGang_MemberLostAndItsPlaceTaken_IsToldWhatHelpsAndThatHelps()
    {
        ControlPlane.RequireAssets();
        var instance = _cluster.StartInstance("one");
        await instance.WaitUntilReadyAsync();
        for (var i = 0; i < Size; i++) await _cluster.CreateMemberAsync("g", i, Size, gpus: 1);
        await _cluster.WaitForBoundAsync(Size, TimeSpan.FromMinutes(1));
        await _cluster.CreatePodsAsync("fill", (Room - 1) * Size, _ => "\"nvidia.com/gpu\":\"1\"");
        await _cluster.WaitForBoundAsync(Room * Size, TimeSpan.FromMinutes(1));

        await DeletePodAsync("g-3");
        await _cluster.CreatePodsAsync("taker", 1, _ => "\"nvidia.com/gpu\":\"1\"");
        await _cluster.WaitForBoundAsync(Room * Size, TimeSpan.FromMinutes(1));
        await _cluster.CreateMemberAsync("g", Size, Size, gpus: 1);
        await Eventually.HoldsAsync("the new pod is known", TimeSpan.FromSeconds(30), async () =>
            (await instance.GetAsync("/api/v1/pods?state=waiting")).GetProperty("items").GetArrayLength() == 1);
        var explained = await instance.GetAsync($"/api/v1/pods/default/g-{Size}");
        Assert.StartsWith("gang default/g: it runs, and 0 of its 1 waiting pods fit", explained.GetProperty("summary").GetString(), StringComparison.Ordinal);

        var remedy = explained.GetProperty("wouldFit").EnumerateArray().Single(found => found.GetProperty("kind").GetString() == "endPodsForGang");
        foreach (var pod in remedy.GetProperty("options").EnumerateArray().SelectMany(option => option.GetProperty("pods").EnumerateArray()))
        {
            await DeletePodAsync(pod.GetProperty("name").GetString()!);
        }

        await _cluster.WaitForBoundAsync(Room * Size, TimeSpan.FromMinutes(1));

        Assert.Equal(Size, (await _cluster.BoundByGangAsync())["g"]);
        await _cluster.AssertNothingOverCommittedAsync();
    }

    private Task DeletePodAsync(string name) => _cluster.Plane.DeleteAsync($"/api/v1/namespaces/default/pods/{name}?gracePeriodSeconds=0");

    private static (string Gang, int Index)[] Members() =>
        [.. from gang in Enumerable.Range(0, Gangs) from index in Enumerable.Range(0, Size) select ($"g{gang}", index)];

    private async Task CreateAsync((string Gang, int Index)[] members, TimeSpan pause)
    {
        foreach (var (gang, index) in members)
        {
            await _cluster.CreateMemberAsync(gang, index, Size, gpus: 1);
            if (pause > TimeSpan.Zero) await Task.Delay(pause, TimeProvider.System);
        }
    }

    /// <summary>Waits until all room is used, and sees that it is used by whole gangs.</summary>
    private async Task AssertSixWholeAsync(TimeSpan limit)
    {
        await _cluster.WaitForBoundAsync(Room * Size, limit);
        var bound = await _cluster.BoundByGangAsync();
        Assert.All(bound, gang => Assert.True(gang.Value is 0 or Size, $"{gang.Value} of {Size} pods of {gang.Key} are bound"));
        await _cluster.AssertNothingOverCommittedAsync();
    }
}
