using System.Numerics;

namespace GpuScheduler.Core.Mig;

/// <summary>
/// What placing does, for all occupancies of a GPU in advance: a row is a legal mask with the media engines free or taken. Makes
/// <see cref="MigValues"/> cheap enough to compute anew whenever prices change.
/// </summary>
internal sealed class MigTransitions
{
    private readonly MigGrid _grid;
    private readonly int _profiles;
    private readonly byte[] _placeable;
    private readonly int[] _offsets;
    private readonly (byte Start, int RowAfter)[] _placements;

    public MigTransitions(MigGrid grid, IReadOnlyList<MigGpuProfile> profiles)
    {
        _grid = grid;
        _profiles = profiles.Count;
        RowCount = grid.Masks.Length * 2;
        _placeable = new byte[RowCount * _profiles];
        _offsets = new int[_placeable.Length + 1];
        var placements = new List<(byte Start, int RowAfter)>();
        for (var row = 0; row < RowCount; row++)
        {
            for (var index = 0; index < _profiles; index++)
            {
                var profile = profiles[index];
                var cell = (row * _profiles) + index;
                var media = profile.Profile.TakesMedia;
                if (profile.Shape >= 0 && !(media && (row & 1) != 0))
                {
                    _placeable[cell] = (byte)Math.Min(profile.MaxCount, grid.Placeable(row >> 1, profile.Shape));
                    for (var rest = (uint)grid.FreeStarts(row >> 1, profile.Shape); rest != 0; rest &= rest - 1)
                    {
                        var start = BitOperations.TrailingZeroCount(rest);
                        placements.Add(((byte)start, (grid.IndexAfter(row >> 1, profile.Shape, start) << 1) | (row & 1) | (media ? 1 : 0)));
                    }
                }

                _offsets[cell + 1] = placements.Count;
            }
        }

        _placements = [.. placements];
    }

    public int RowCount { get; }

    /// <summary>The row of an occupancy; -1 when it is not legal.</summary>
    public int RowOf(MigOccupancy occupancy)
    {
        var index = _grid.IndexOf(occupancy.Mask);
        return index < 0 ? -1 : (index << 1) | (occupancy.MediaTaken ? 1 : 0);
    }

    /// <summary>How many more instances of each profile alone fit, by profile.</summary>
    public ReadOnlySpan<byte> Placeable(int row) => _placeable.AsSpan(row * _profiles, _profiles);

    /// <summary>Free starts of a profile, ascending, and the row each leads to.</summary>
    public ReadOnlySpan<(byte Start, int RowAfter)> Placements(int row, int profile)
    {
        var cell = (row * _profiles) + profile;
        return _placements.AsSpan(_offsets[cell], _offsets[cell + 1] - _offsets[cell]);
    }
}
