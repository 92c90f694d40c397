using GpuScheduler.Core.Constraints;

namespace GpuScheduler.Server.Options;

/// <summary>Guesses what somebody meant to write.</summary>
internal static class Suggestion
{
    /// <summary>The sentence to put behind an unknown word: the nearest known one, or all of them when none is near.</summary>
    public static string For(string word, IReadOnlyCollection<string> known) =>
        NearestName.Find(word, known) is { } nearest ? $"did you mean '{nearest}'?"
        : known.Count == 0 ? "there are none" : $"there are: {string.Join(", ", known)}";
}
