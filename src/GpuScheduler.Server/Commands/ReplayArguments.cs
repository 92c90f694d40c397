using System.CommandLine;
using System.Globalization;
using GpuScheduler.Core.Packing;

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

    /// <summary>The constants of ResidualValue with those changed that <c>--set NAME=VALUE</c> names.</summary>
    /// <exception cref="FormatException">A setting is not a name and a number, or there is no constant of that name.</exception>
    public static ResidualValueOptions Constants(IEnumerable<string> settings)
    {
        var constants = new ResidualValueOptions();
        foreach (var setting in settings)
        {
            var parts = setting.Split('=', 2);
            if (parts.Length != 2 || !double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                throw new FormatException($"--set: '{setting}' is not NAME=VALUE with a number");
            }

            constants = constants.With(parts[0], value);
        }

        return constants;
    }

    private static Option<T[]> Several<T>(string name, string helpName, string description, IEnumerable<T> defaults) => new(name)
    {
        HelpName = helpName,
        Description = description,
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [.. defaults],
    };
}
