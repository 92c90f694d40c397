using System.CommandLine;
using System.CommandLine.Parsing;

namespace GpuScheduler.Server.Commands;

/// <summary>Words of which one must be given: offered by completion, and said in one line when it is another.</summary>
internal static class Choices
{
    /// <summary>An option takes one of these.</summary>
    public static void AcceptOnly(this Option<string> option, params string[] words)
    {
        option.CompletionSources.Add(words);
        option.Validators.Add(result => Check(result, result.Tokens, option.Name, words));
    }

    /// <summary>An argument is one of these.</summary>
    public static void AcceptOnly(this Argument<string> argument, params string[] words)
    {
        argument.CompletionSources.Add(words);
        argument.Validators.Add(result => Check(result, result.Tokens, argument.Name, words));
    }

    private static void Check(SymbolResult result, IReadOnlyList<Token> tokens, string name, string[] words)
    {
        if (tokens.Count > 0 && !words.Contains(tokens[0].Value)) result.AddError($"{name}: '{tokens[0].Value}' is not one of {string.Join(", ", words)}");
    }
}
