using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GpuScheduler.Extender.Recording;

/// <summary>What the memory can be told beforehand.</summary>
internal static class Memory
{
    private const int CacheLine = 64;

    /// <summary>Asks for bytes that will be written soon; without effect on their content, and where the processor knows no such thing.</summary>
    /// <param name="near">A place near them.</param>
    /// <param name="from">The offset of the first from there.</param>
    /// <param name="to">The offset behind the last.</param>
    public static unsafe void FetchAhead<T>(ref T near, int from, int to)
        where T : unmanaged
    {
        if (!Sse.IsSupported) return;
        // The object may move meanwhile: then other memory is fetched, which harms nobody.
        var address = (byte*)Unsafe.AsPointer(ref near);
        for (var offset = from; offset < to; offset += CacheLine) Sse.Prefetch0(address + offset);
    }
}
