using System.Collections.Immutable;
using System.Text;

namespace GpuScheduler.Core.Gangs;

/// <summary>The gangs of a snapshot, by name and by pod. Immutable; the next one shares what did not change.</summary>
public sealed class GangIndex
{
    private readonly ImmutableDictionary<GangKey, Gang> _gangs;
    private readonly ImmutableDictionary<int, Member> _members;

    private GangIndex(ImmutableDictionary<GangKey, Gang> gangs, ImmutableDictionary<int, Member> members) => (_gangs, _members) = (gangs, members);

    /// <summary>No gangs.</summary>
    public static GangIndex Empty { get; } = new(ImmutableDictionary<GangKey, Gang>.Empty, ImmutableDictionary<int, Member>.Empty);

    /// <summary>How many there are.</summary>
    public int Count => _gangs.Count;

    /// <summary>All of them, in no order.</summary>
    public IEnumerable<Gang> All => _gangs.Values;

    /// <summary>The gang of that name; null when there is none.</summary>
    public Gang? Find(GangKey key) => _gangs.GetValueOrDefault(key);

    /// <summary>The gang of the pod of that UID (UTF-8); null when it is in none, or not known yet. Allocates nothing.</summary>
    public Gang? FindByUid(ReadOnlySpan<byte> uid) =>
        _members.TryGetValue(HashOf(uid), out var member) && member.Uid.AsSpan().SequenceEqual(uid) ? _gangs.GetValueOrDefault(member.Key) : null;

    /// <summary>Collects the changes from one snapshot to the next.</summary>
    internal sealed class Builder
    {
        private readonly ImmutableDictionary<GangKey, Gang>.Builder _gangs = ImmutableDictionary.CreateBuilder<GangKey, Gang>();
        private readonly ImmutableDictionary<int, Member>.Builder _members = ImmutableDictionary.CreateBuilder<int, Member>();

        public void Set(Gang gang) => _gangs[gang.Key] = gang;

        public void Remove(GangKey key) => _gangs.Remove(key);

        /// <summary>Of two pods whose hashes meet the later one is found; the other is recognised by its own labels, which takes longer.</summary>
        public void Join(string uid, GangKey key)
        {
            var utf8 = Encoding.UTF8.GetBytes(uid);
            _members[HashOf(utf8)] = new Member(utf8, key);
        }

        public void Leave(string uid)
        {
            var utf8 = Encoding.UTF8.GetBytes(uid);
            if (_members.TryGetValue(HashOf(utf8), out var member) && member.Uid.AsSpan().SequenceEqual(utf8)) _members.Remove(HashOf(utf8));
        }

        public GangIndex Build() => new(_gangs.ToImmutable(), _members.ToImmutable());
    }

    private static int HashOf(ReadOnlySpan<byte> uid)
    {
        var hash = default(HashCode);
        hash.AddBytes(uid);
        return hash.ToHashCode();
    }

    private readonly record struct Member(byte[] Uid, GangKey Key);
}
