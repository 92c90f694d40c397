using GpuScheduler.Core.Mig;
using GpuScheduler.Core.Snapshots;

namespace GpuScheduler.Core.Ledger;

/// <summary>
/// Who holds which memory slices of a node whose MIG instances are made as pods need them. Added up anew from the pods on record at every
/// change, so that no order of events can make it wrong.
/// </summary>
internal sealed class MigAccount(MigNode node)
{
    private readonly MigGpuState[] _gpus = Empty(node);

    public MigNode Node => node;

    /// <summary>The GPUs in MIG mode, by index.</summary>
    public ReadOnlySpan<MigGpuState> Gpus => _gpus;

    /// <summary>
    /// Adds up what the pods hold: first what the node tells of, then pods whose slots are known, then the others, which give way where their
    /// slots turn out to be taken.
    /// </summary>
    public void Settle(IEnumerable<PodEntry> pods, Func<MigGeometry, MigValues> valuesOf)
    {
        if (node.Mode != MigMode.Dynamic) return;
        Empty(node).CopyTo(_gpus.AsSpan());
        foreach (var slot in node.Told) Add(slot);
        List<PodEntry>? unproven = null;
        foreach (var pod in pods)
        {
            if (pod.Pod.Shape.Mig.IsEmpty) continue;
            if (pod.Placed.MigInferred) (unproven ??= []).Add(pod);
            else AddAll(pod.Placed.Mig);
        }

        foreach (var pod in unproven ?? [])
        {
            // What was guessed once stays as long as it can, so that a guess does not wander.
            if (pod.Placed.Mig.Count == 0 || !CanHold(pod.Placed.Mig))
            {
                pod.Placed = pod.Placed with { Mig = Choose(pod.Pod.Shape.Mig, valuesOf) ?? Crowd(pod.Pod.Shape.Mig) };
            }

            AddAll(pod.Placed.Mig);
        }
    }

    /// <summary>The best places for all that a pod asks for; null when there are none.</summary>
    public IReadOnlyList<MigSlot>? Choose(IReadOnlyCollection<MigRequest> requests, Func<MigGeometry, MigValues> valuesOf)
    {
        var geometry = node.Geometry!;
        var values = valuesOf(geometry);
        var gpus = _gpus.Where(gpu => !gpu.IsClosed).Select(gpu => new MigGpu(gpu.Index, values, gpu.Taken)).ToArray();
        var wanted = new List<MigProfile>();
        foreach (var request in requests)
        {
            if (geometry.IndexOf(request.Profile) < 0) return null;
            for (var i = 0; i < request.Count; i++) wanted.Add(request.Profile);
        }

        return MigPlacer.PlaceAll(gpus, wanted) is not { } places ? null
            : [.. places.Select(place => new MigSlot(place.Gpu, NameOf(place.Profile), place.Start))];

        // As the pod spells it: drivers have given one profile two names.
        MigProfile NameOf(int profile) => requests.First(request => geometry.IndexOf(request.Profile) == profile).Profile;
    }

    /// <summary>The account as the columns of a row show it.</summary>
    public static MigAccount Read(NodePage page, int row)
    {
        var account = new MigAccount(page.Node(row)!.Mig);
        for (var at = 0; at < account._gpus.Length; at++)
        {
            var index = account._gpus[at].Index;
            var mask = page.MigMasks(row)[index];
            account._gpus[at] = mask == ushort.MaxValue ? new MigGpuState(index, MigOccupancy.Empty, IsClosed: true)
                : new MigGpuState(index, new MigOccupancy(mask, (page.MigMedia[row] >> index & 1) != 0), IsClosed: false);
        }

        return account;
    }

    /// <summary>Counts an instance in; false, and nothing happens, when it cannot be there.</summary>
    public bool TryAdd(MigSlot slot)
    {
        var geometry = node.Geometry!;
        var profile = geometry.IndexOf(slot.Profile);
        var at = Array.FindIndex(_gpus, gpu => gpu.Index == slot.Gpu);
        if (profile < 0 || at < 0 || (uint)slot.Start >= MigGrid.MaxSize || _gpus[at].IsClosed) return false;
        if ((geometry.FreeStarts(_gpus[at].Taken, profile) >> slot.Start & 1) == 0) return false;
        _gpus[at] = _gpus[at] with { Taken = geometry.Place(_gpus[at].Taken, profile, slot.Start) };
        return true;
    }

    /// <summary>Whether instances could be there at all: on GPUs in MIG mode, at starts of their profiles, none upon another.</summary>
    public bool IsPossible(IReadOnlyList<MigSlot> slots)
    {
        var empty = new MigAccount(node);
        return slots.All(empty.TryAdd);
    }

    private static MigGpuState[] Empty(MigNode node) =>
        [.. Enumerable.Range(0, NodePage.MaxDevices).Where(index => (node.GpuMask >> index & 1) != 0).Select(index => new MigGpuState(index, MigOccupancy.Empty, false))];

    private bool CanHold(IReadOnlyList<MigSlot> slots)
    {
        var trial = new MigAccount(node);
        _gpus.CopyTo(trial._gpus.AsSpan());
        return slots.All(trial.TryAdd);
    }

    private void AddAll(IReadOnlyList<MigSlot> slots)
    {
        foreach (var slot in slots) Add(slot);
    }

    /// <summary>Counts an instance even where it lies upon another: all slices of both are taken, and what makes no legal layout takes more.</summary>
    private void Add(MigSlot slot)
    {
        if (TryAdd(slot)) return;
        var geometry = node.Geometry!;
        var profile = geometry.IndexOf(slot.Profile);
        var at = Array.FindIndex(_gpus, gpu => gpu.Index == slot.Gpu);
        if (at < 0 || _gpus[at].IsClosed) return;
        if (profile < 0 || geometry.Profiles[profile].Shape < 0 || !geometry.Profiles[profile].Starts.Contains(slot.Start))
        {
            // Something is there that the tables do not know: nothing more goes onto this GPU.
            _gpus[at] = _gpus[at] with { IsClosed = true };
            return;
        }

        var taken = _gpus[at].Taken;
        var wanted = (ushort)(taken.Mask | geometry.Grid.Shapes[geometry.Profiles[profile].Shape].MaskAt(slot.Start));
        var media = taken.MediaTaken || geometry.Profiles[profile].Profile.TakesMedia;
        ushort? legal = null;
        foreach (var mask in geometry.Grid.Masks)
        {
            if ((mask & wanted) == wanted && (legal is null || ushort.PopCount(mask) < ushort.PopCount(legal.Value))) legal = mask;
        }

        _gpus[at] = legal is { } superset ? _gpus[at] with { Taken = new MigOccupancy(superset, media) } : _gpus[at] with { IsClosed = true };
    }

    /// <summary>For a pod that is on the node although it does not fit: the first places of its profiles, whoever is there.</summary>
    private List<MigSlot> Crowd(IReadOnlyCollection<MigRequest> requests)
    {
        var slots = new List<MigSlot>();
        foreach (var request in requests)
        {
            var profile = node.Geometry!.IndexOf(request.Profile);
            if (profile < 0 || node.Geometry.Profiles[profile].Starts.Count == 0) continue;
            var starts = node.Geometry.Profiles[profile].Starts;
            for (var i = 0; i < Math.Min(request.Count, _gpus.Length * starts.Count); i++)
            {
                slots.Add(new MigSlot(_gpus[i / starts.Count].Index, request.Profile, starts[i % starts.Count]));
            }
        }

        return slots;
    }
}

/// <summary>What is taken of one GPU in MIG mode.</summary>
/// <param name="Index">Its index on the node.</param>
/// <param name="Taken">The memory slices, always a legal mask.</param>
/// <param name="IsClosed">What lies there cannot be told: nothing more is placed on it.</param>
internal readonly record struct MigGpuState(int Index, MigOccupancy Taken, bool IsClosed);
