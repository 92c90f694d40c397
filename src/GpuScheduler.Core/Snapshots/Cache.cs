using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GpuScheduler.Core.Snapshots;

/// <summary>The processor's caches.</summary>
internal static class Cache
{
    /// <summary>Has the line of memory of a place brought into the nearest cache without waiting for it; where the processor cannot, nothing happens.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Fetch<T>(ref readonly T place)
    {
        // Should the collector move the array meanwhile, the wrong line is fetched, which is slow and no more.
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in place)));
    }
}
