using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace GpuScheduler.Server.Sources;

/// <summary>
/// YAML as Kubernetes takes it, and nothing that would bring the process down: the representation model recurses, so that deep nesting would end the
/// stack, and it hashes keys, which a key that is an alias of aliases makes endless.
/// </summary>
internal sealed class PlainYaml : IParser
{
    /// <summary>Deeper than any Kubernetes object.</summary>
    public const int MaxDepth = 60;

    private readonly Parser _parser;

    /// <summary>What is open, innermost last: true for a map that waits for a key, false for one that waits for a value, null for a list.</summary>
    private readonly Stack<bool?> _open = new();

    private PlainYaml(TextReader text) => _parser = new Parser(text);

    /// <inheritdoc/>
    public ParsingEvent? Current => _parser.Current;

    /// <summary>Reads all documents.</summary>
    /// <exception cref="YamlException">It is not YAML, nested too deep, or has a key that is not text.</exception>
    public static YamlStream Load(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new PlainYaml(new StringReader(text)));
        return yaml;
    }

    /// <inheritdoc/>
    public bool MoveNext()
    {
        if (!_parser.MoveNext()) return false;
        var step = _parser.Current!;
        switch (step)
        {
            case MappingStart or SequenceStart:
                Begin(step);
                if (_open.Count == MaxDepth) throw new YamlException(step.Start, step.End, "nested too deep");
                _open.Push(step is MappingStart ? true : null);
                break;
            case MappingEnd or SequenceEnd:
                _open.Pop();
                break;
            case Scalar or AnchorAlias:
                Begin(step);
                break;
        }

        return true;
    }

    private void Begin(ParsingEvent step)
    {
        if (!_open.TryPeek(out var isKey) || isKey is null) return;
        if (isKey.Value && step is not Scalar) throw new YamlException(step.Start, step.End, "a key is not text");
        _open.Pop();
        _open.Push(!isKey.Value);
    }
}
