using System.Text.Json;

namespace GpuScheduler.Kubernetes;

/// <summary>One list answer while it arrives: cuts it into items, reads each, hands it on.</summary>
internal sealed class ListReading<T>(Stream stream, IObjectReader<T> reader, IListSink<T> sink) : IDisposable
{
    private readonly ReadBuffer _buffer = new(stream);
    private readonly ListScanner _scanner = new();
    private string _resourceVersion = "";
    private string _continue = "";
    private string _kind = "";
    private int _count;
    private int _bad;
    private ApiStatus? _failure;

    /// <summary>The page; meaningful once the answer has ended or <see cref="TakeAvailable"/> returned true.</summary>
    public ApiResult<ListPage> Result
    {
        get
        {
            if (_failure is null && !_scanner.IsEnded)
            {
                _failure = new ApiStatus(ApiOutcome.Lost, 0, "", "the connection ended in the middle of a list");
            }
            else if (_failure is null && !IsList)
            {
                _failure = Unreadable($"expected a list with items and a resourceVersion, the server sent a '{_kind}'");
            }

            return _failure is null ? new(new ListPage(_resourceVersion, _continue, _count, _bad)) : new(_failure);
        }
    }

    private bool IsList => _scanner.HasItems && _resourceVersion.Length > 0 && _kind.EndsWith("List", StringComparison.Ordinal);

    public ValueTask<bool> FillAsync(CancellationToken cancellationToken) => _buffer.FillAsync(cancellationToken);

    /// <summary>Reads every whole item there is; true when the list cannot be read on.</summary>
    public bool TakeAvailable()
    {
        while (true)
        {
            var data = _buffer.Unread;
            ListPiece piece;
            int consumed;
            Range value;
            try
            {
                piece = _scanner.Next(data, out consumed, out value);
            }
            catch (FormatException e)
            {
                _failure = Unreadable(e.Message);
                return true;
            }

            switch (piece)
            {
                case ListPiece.Item:
                    ReadItem(data[value]);
                    break;
                case ListPiece.Member:
                    ReadMember(data[value]);
                    break;
                default:
                    _buffer.Consume(consumed);
                    return false;
            }

            _buffer.Consume(consumed);
        }
    }

    public void Dispose() => _buffer.Dispose();

    private static ApiStatus Unreadable(string message) => new(ApiOutcome.Unreadable, 200, "", message);

    private void ReadItem(ReadOnlySpan<byte> item)
    {
        T value;
        try
        {
            var json = new Utf8JsonReader(item);
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            {
                throw new FormatException("an item that is no object");
            }

            value = reader.Read(ref json);
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            _bad++;
            sink.Bad(new BadObject(MetaReader.Salvage(item), e));
            return;
        }

        _count++;
        sink.Add(value);
    }

    private void ReadMember(ReadOnlySpan<byte> value)
    {
        try
        {
            var json = new Utf8JsonReader(value);
            json.Read();
            switch (_scanner.MemberName)
            {
                case "kind":
                    _kind = JsonRead.String(ref json) ?? "";
                    break;
                case "metadata":
                    ReadMetadata(ref json);
                    break;
                case "items" when json.TokenType != JsonTokenType.Null:
                    throw new FormatException($"expected an array or null, found {json.TokenType}");
                default:
                    break;
            }
        }
        catch (Exception e) when (ObjectErrors.IsBadObject(e))
        {
            _failure = Unreadable($"the list's {_scanner.MemberName} cannot be read: {e.Message}");
        }
    }

    private void ReadMetadata(ref Utf8JsonReader json)
    {
        if (!JsonRead.EnterObject(ref json))
        {
            return;
        }

        while (JsonRead.NextMember(ref json))
        {
            var name = json.GetString();
            json.Read();
            switch (name)
            {
                case "resourceVersion":
                    _resourceVersion = JsonRead.String(ref json) ?? "";
                    break;
                case "continue":
                    _continue = JsonRead.String(ref json) ?? "";
                    break;
                default:
                    json.Skip();
                    break;
            }
        }
    }
}
