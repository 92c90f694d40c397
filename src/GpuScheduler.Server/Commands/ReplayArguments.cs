using System.CommandLine;

namespace GpuScheduler.Server.Commands;

/// <summary>What the replays of made-up work take alike.</summary>
internal static class ReplayArguments
{
    /// <summary><c>--loads</c>.</summary>
    /// <param name="description">What a load is.</param>
    /// <param name="defaults">Without it.</param>
    public static Option<double[]> Loads(string description, IEnumerable<double> defaults) => Several("--loads", "LOAD", description, defaults);

    /// <summary><c>--seeds</c>.</summary>
    /// <param name="defaults">Without it.</param>
    public static Option<long[]> Seeds(IEnumerable<long> defaults) => Several("--seeds", "SEED", "Results are means over these.", defaults);

    private static Option<T[]> Several<T>(string name, string helpName, string description, IEnumerable<T> defaults) => new(name)
    {
        HelpName = helpName,
        Description = description,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. defaults],
    };
}
