using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace GpuScheduler.Server.Commands;

/// <summary>A command whose help ends with examples.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does, in one sentence.</param>
/// <param name="examples">Lines to try.</param>
internal sealed class ExampledCommand(string name, string description, string examples) : Command(name, description)
{
    public string Examples => examples;
}

/// <summary>Writes the usual help and then the examples.</summary>
/// <param name="usual">Writes the usual help.</param>
/// <param name="rootExamples">Examples of the root command.</param>
internal sealed class ExampleHelp(HelpAction usual, string rootExamples) : SynchronousCommandLineAction
{
    private const int Width = 110;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.MaxWidth = Width;
        var code = usual.Invoke(parseResult);
        var examples = parseResult.CommandResult.Command switch
        {
            ExampledCommand command => command.Examples,
            RootCommand => rootExamples,
            _ => "",
        };
        if (examples.Length == 0) return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var line in examples.Split('\n')) output.WriteLine($"  {line}");
        output.WriteLine();
        return code;
    }
}
