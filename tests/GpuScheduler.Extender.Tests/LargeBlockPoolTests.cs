using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using GpuScheduler.Testing;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace GpuScheduler.Extender.Tests;

public sealed class LargeBlockPoolTests
{
    private const int FirstBytes = 256 * 1024;

    private readonly LargeBlockPool _pool = new();

    [Fact]
    public void Rent_ReturnedBlock_IsTheNextOne()
    {
        var first = ArrayOf(_pool, out var owner);
        owner.Dispose();
        Assert.Same(first, ArrayOf(_pool, out _));
    }

    [Fact]
    public void Rent_BlockInUse_IsNotHandedOutTwice() => Assert.NotSame(ArrayOf(_pool, out _), ArrayOf(_pool, out _));

    [Theory]
    [InlineData(0, FirstBytes)]
    [InlineData(FirstBytes - 20_000, FirstBytes)]
    [InlineData(FirstBytes, 2 * FirstBytes)]
    [InlineData(1_500_000, 8 * FirstBytes)]
    [InlineData(4_000_000, 16 * FirstBytes)]
    [InlineData(16 * FirstBytes, FirstBytes)]
    [InlineData(long.MaxValue, FirstBytes)]
    public void MakeRoomFor_Body_NextBlocksHoldItWithItsHeadersUnlessItIsTooLong(long bodyBytes, int expectedBytes)
    {
        _pool.MakeRoomFor(bodyBytes);
        Assert.Equal(expectedBytes, ArrayOf(_pool, out _).Length);
    }

    [Fact]
    public void MakeRoomFor_ShorterBodyAfterALongOne_BlocksStayLong()
    {
        _pool.MakeRoomFor(1_500_000);
        _pool.MakeRoomFor(300_000);
        Assert.Equal(8 * FirstBytes, ArrayOf(_pool, out _).Length);
    }

    [Fact]
    public void Rent_ShortBlocksKeptFromBefore_AreNotHandedOutAnyMore()
    {
        ArrayOf(_pool, out var kept);
        ArrayOf(_pool, out var inUse);
        kept.Dispose();
        _pool.MakeRoomFor(1_000_000);
        inUse.Dispose();
        Assert.Equal([4 * FirstBytes, 4 * FirstBytes], new[] { ArrayOf(_pool, out _).Length, ArrayOf(_pool, out _).Length });
    }

    [Fact]
    public void Rent_MoreThanABlock_AnswersOfThatLengthShareBlocks()
    {
        using (var wanted = _pool.Rent(700_000)) Assert.True(wanted.Memory.Length >= 700_000);
        var first = ArrayOf(_pool, out var owner);
        owner.Dispose();
        using var again = _pool.Rent(710_000);
        Assert.True(MemoryMarshal.TryGetArray<byte>(again.Memory, out var array));
        Assert.Same(first, array.Array);
    }

    [Fact]
    public void Rent_MoreThanTheLongest_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => _pool.Rent(_pool.MaxBufferSize + 1));

    [Fact]
    public async Task Post_BodyLongerThanABlock_IsAnsweredAndBlocksGrowForTheNext()
    {
        var harness = new ExtenderHarness(new ExtenderOptions()).With(MakeNode.Named("n").Gpus(1).Cpu("8").Build());
        await using var server = await ExtenderServer.StartAsync(harness.Verbs, services => services.AddSingleton<IMemoryPoolFactory<byte>>(new OnePool(_pool)));

        var body = RequestBody.Args(MakePod.Named("p").Gpus(1).Cpu("1").Build(), "n") + new string(' ', 700_000);
        for (var call = 0; call < 3; call++)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await server.Client.PostAsync("/scheduler/filter", content);
            Assert.Equal(["n"], FilterAnswer.Parse(await response.Content.ReadAsStringAsync()).Offered);
        }

        Assert.True(ArrayOf(_pool, out _).Length > body.Length, "the next body of this length lies in one piece");
    }

    private static byte[] ArrayOf(LargeBlockPool pool, out IDisposable owner)
    {
        var block = pool.Rent();
        owner = block;
        Assert.True(MemoryMarshal.TryGetArray<byte>(block.Memory, out var array));
        return array.Array!;
    }

    private sealed class OnePool(LargeBlockPool pool) : IMemoryPoolFactory<byte>
    {
        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => pool;
    }
}
