using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Objects;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Filtering;

/// <summary>
/// The part of <see cref="PodFilter"/> for pods that ask for MIG instances: where these are made as pods need them there has to be a legal place
/// for each. What a node offers and has left by count is checked with all other resources. Pure.
/// </summary>
internal sealed class MigFilter
{
    private readonly SnapshotTables _tables;
    private readonly ImmutableArray<MigRequest> _requests;
    private readonly int[] _slots;

    public MigFilter(SnapshotTables tables, PodShape shape)
    {
        (_tables, _requests) = (tables, shape.Mig);
        _slots = [.. shape.Mig.Select(request => tables.Resources.SlotOf(request.Resource))];
    }

    /// <summary>Clears the bits of rows that cannot take the pod.</summary>
    public void Keep(NodePage page, Span<ulong> bits)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            RowBitmap.KeepAtLeastUnlessZero(bits, page.MigPlaceable(_slots[i]), _requests[i].Count, page.MigGpus);
        }

        if (_slots.Length < 2) return;
        for (var word = 0; word < NodePage.BitmapWords; word++)
        {
            for (var rest = bits[word]; rest != 0; rest &= rest - 1)
            {
                var bit = BitOperations.TrailingZeroCount(rest);
                if (!FitTogether(page, (word * 64) + bit)) bits[word] &= ~(1UL << bit);
            }
        }
    }

    /// <summary>The same for one row.</summary>
    public RejectionCauses Check(NodePage page, int row)
    {
        if (page.MigGpus[row] == 0) return RejectionCauses.None;
        for (var i = 0; i < _slots.Length; i++)
        {
            if (page.MigPlaceable(_slots[i])[row] < _requests[i].Count) return RejectionCauses.NoMigPlace;
        }

        return _slots.Length > 1 && !FitTogether(page, row) ? RejectionCauses.NoMigPlace : RejectionCauses.None;
    }

    /// <summary>Why there is no place, going by the emptiest GPU.</summary>
    public string Describe(NodePage page, int row)
    {
        var id = page.MigGeometryId[row];
        if (id == 0) return "node(s) had GPUs of unknown MIG geometry";
        var geometry = _tables.MigGeometries[id - 1];
        for (var i = 0; i < _slots.Length; i++)
        {
            var places = page.MigPlaceable(_slots[i])[row];
            if (places >= _requests[i].Count) continue;
            return places > 0
                ? $"legal places for only {places} of {_requests[i].Count} x {_requests[i].Profile}"
                : $"no GPU has a legal place for {_requests[i].Profile} ({DescribeRoom(page, row, geometry)})";
        }

        return $"no legal places for {string.Join(" and ", _requests.Select(request => $"{request.Count} x {request.Profile}"))} together";
    }

    private static string DescribeRoom(NodePage page, int row, MigGeometry geometry)
    {
        var all = (1 << geometry.Grid.Size) - 1;
        var best = -1;
        for (var rest = (uint)page.MigGpus[row]; rest != 0; rest &= rest - 1)
        {
            var gpu = BitOperations.TrailingZeroCount(rest);
            if (best < 0 || ushort.PopCount(page.MigMasks(row)[gpu]) < ushort.PopCount(page.MigMasks(row)[best])) best = gpu;
        }

        var mask = page.MigMasks(row)[best];
        if (mask == ushort.MaxValue) return "what lies on its GPUs cannot be told";
        var free = geometry.Grid.Size - ushort.PopCount(mask);
        return string.Create(CultureInfo.InvariantCulture, $"GPU {best} has room for {free} slices, but slices {Ranges(mask & all)} are used");
    }

    private static string Ranges(int mask)
    {
        var parts = new List<string>();
        for (var first = 0; mask >> first != 0; first++)
        {
            if ((mask >> first & 1) == 0) continue;
            var last = first;
            while ((mask >> (last + 1) & 1) != 0) last++;
            parts.Add(first == last ? $"{first}" : $"{first}-{last}");
            first = last;
        }

        return parts.Count == 0 ? "with media engines" : string.Join(", ", parts);
    }

    private bool FitTogether(NodePage page, int row)
    {
        var gpus = page.MigGpus[row];
        if (gpus == 0) return true;
        Span<MigOccupancy> taken = stackalloc MigOccupancy[NodePage.MaxDevices];
        var geometry = _tables.MigGeometries[page.MigGeometryId[row] - 1];
        return MigRoom.Holds(geometry, taken[..MigRoom.Read(page, row, taken)], _requests);
    }
}
