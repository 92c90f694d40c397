namespace GpuScheduler.Testing;

/// <summary>
/// Counts the managed bytes that code allocates. The runtime counts a thread's whole allocation buffer, up to 8 KiB, as used when a collection that another
/// thread began takes it away, so one count can be too high but never too low: the least of several is the true one.
/// </summary>
public static class Allocations
{
    /// <summary>The fewest bytes this thread allocated in one of several batches; stops at the first that allocated none.</summary>
    /// <param name="run">Runs one batch, given its number from 0.</param>
    /// <param name="batches">How many batches at most.</param>
    public static long Least(Action<int> run, int batches = 10)
    {
        var least = long.MaxValue;
        for (var batch = 0; batch < batches && least > 0; batch++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run(batch);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
