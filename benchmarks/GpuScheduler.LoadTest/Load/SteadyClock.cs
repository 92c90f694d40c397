using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuScheduler.LoadTest.Load;

/// <summary>
/// The machine's steady clock. Waits asleep and spins only over the last few microseconds: with few cores, a spinning client would take
/// from the server what it measures. On Linux it sleeps by <c>nanosleep</c> without timer slack, elsewhere as finely as the runtime does.
/// </summary>
internal sealed partial class SteadyClock : ILoadClock
{
    private const long SpinNanoseconds = 30_000;
    private const int SpinsBetweenLooks = 20;
    private const int PrSetTimerSlack = 29;

    [ThreadStatic]
    private static bool _isSharp;

    /// <inheritdoc/>
    public long Now => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    /// <inheritdoc/>
    public void WaitUntil(long due)
    {
        var asleep = due - Now - SpinNanoseconds;
        if (asleep > 0) Sleep(asleep);
        while (Now < due) Thread.SpinWait(SpinsBetweenLooks);
    }

    private static void Sleep(long nanoseconds)
    {
        if (!OperatingSystem.IsLinux())
        {
            using var never = new ManualResetEventSlim();
            never.Wait(TimeSpan.FromMilliseconds(nanoseconds / 1_000_000));
            return;
        }

        if (!_isSharp)
        {
            // The kernel may otherwise wake a thread 50 microseconds late (prctl(2), PR_SET_TIMERSLACK).
            _ = SetProcessOption(PrSetTimerSlack, 1, 0, 0, 0);
            _isSharp = true;
        }

        var time = new TimeSpec(nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        _ = NanoSleep(in time, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int NanoSleep(in TimeSpec request, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetProcessOption(int option, nuint first, nuint second, nuint third, nuint fourth);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
